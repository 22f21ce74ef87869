namespace LinuxMem.Abi;

/// <summary>Flags of mremap.</summary>
/// <remarks>Linux: include/uapi/linux/mman.h: MREMAP_*, v6.18.</remarks>
[Flags]
public enum MremapFlags : ulong
{
    /// <summary>Resize in place or fail.</summary>
    None = 0,
    /// <summary>The mapping may be put elsewhere.</summary>
    MayMove = 1,
    /// <summary>Put it at the address given, in place of what is there.</summary>
    Fixed = 2,
    /// <summary>Leave the old range mapped, empty.</summary>
    DontUnmap = 4,
}
