namespace LinuxMem.Abi;

/// <summary>What madvise can be told.</summary>
/// <remarks>Linux: include/uapi/asm-generic/mman-common.h: MADV_*, v6.18. Any other number is EINVAL.</remarks>
public enum Advice
{
    /// <summary>No particular order of access.</summary>
    Normal = 0,
    /// <summary>Accesses in no order: readahead is no use.</summary>
    Random = 1,
    /// <summary>Accesses in rising order.</summary>
    Sequential = 2,
    /// <summary>Will be accessed soon.</summary>
    WillNeed = 3,
    /// <summary>Drop the pages now: private memory reads as zeros (or the file) again.</summary>
    DontNeed = 4,
    /// <summary>The contents are not needed: the pages may be taken when memory is short.</summary>
    Free = 8,
    /// <summary>A child at fork does not get the range.</summary>
    DontFork = 10,
    /// <summary>Undoes <see cref="DontFork"/>.</summary>
    DoFork = 11,
    /// <summary>Leave the range out of core dumps.</summary>
    DontDump = 16,
    /// <summary>Undoes <see cref="DontDump"/>.</summary>
    DoDump = 17,
    /// <summary>A child at fork finds zeros.</summary>
    WipeOnFork = 18,
    /// <summary>Undoes <see cref="WipeOnFork"/>.</summary>
    KeepOnFork = 19,
    /// <summary>Not accessed for a while: the first to be reclaimed.</summary>
    Cold = 20,
    /// <summary>Reclaim now.</summary>
    PageOut = 21,
}
