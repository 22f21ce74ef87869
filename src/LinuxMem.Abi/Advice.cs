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
    /// <summary>Punch the range out of the shared object.</summary>
    Remove = 9,
    /// <summary>A child at fork does not get the range.</summary>
    DontFork = 10,
    /// <summary>Undoes <see cref="DontFork"/>.</summary>
    DoFork = 11,
    /// <summary>Pages of equal contents may be merged (KSM).</summary>
    Mergeable = 12,
    /// <summary>Undoes <see cref="Mergeable"/>.</summary>
    Unmergeable = 13,
    /// <summary>Huge pages are welcome.</summary>
    HugePage = 14,
    /// <summary>Huge pages are not.</summary>
    NoHugePage = 15,
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
    /// <summary>Fault the pages in for reading, now.</summary>
    PopulateRead = 22,
    /// <summary>Fault the pages in for writing, now.</summary>
    PopulateWrite = 23,
    /// <summary>Like <see cref="DontNeed"/>, of locked memory too.</summary>
    DontNeedLocked = 24,
    /// <summary>Make huge pages of it, now.</summary>
    Collapse = 25,
    /// <summary>The frames behind it have a memory error, as of now.</summary>
    HwPoison = 100,
    /// <summary>Take the frames behind it out of use, their contents elsewhere.</summary>
    SoftOffline = 101,
    /// <summary>Accesses are faults from now on, whatever the mapping allows.</summary>
    GuardInstall = 102,
    /// <summary>Undoes <see cref="GuardInstall"/>.</summary>
    GuardRemove = 103,
}
