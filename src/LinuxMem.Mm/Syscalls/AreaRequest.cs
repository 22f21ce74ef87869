using LinuxMem.Abi;

namespace LinuxMem.Mm.Syscalls;

/// <summary>Whose own rule places a mapping.</summary>
public enum AreaKind
{
    /// <summary>Private anonymous memory: aligned for huge pages if it is whole ones and nowhere in particular.
    /// </summary>
    Anonymous,

    /// <summary>
    /// Files of ext4 and its like, and private /dev/zero: aligned for huge pages if the range holds a whole one.
    /// </summary>
    File,

    /// <summary>Shared memory, and whatever has no rule of its own.</summary>
    Plain,
}

/// <summary>What a mapping wants of its place.</summary>
/// <param name="Address">The address: a must with MAP_FIXED, else a wish; 0 for none.</param>
/// <param name="Length">Bytes, whole pages.</param>
/// <param name="FileIndex">Index of the first page in the file; 0 for anonymous memory.</param>
/// <param name="Kind">Whose rule it goes by.</param>
/// <param name="Flags">The flags of mmap: Fixed and Low32Bit count here.</param>
/// <param name="AlignBytes">Size of the huge pages that it is made of; 0 for small ones.</param>
public readonly record struct AreaRequest(
    ulong Address, ulong Length, ulong FileIndex, AreaKind Kind, MapFlags Flags = MapFlags.None,
    ulong AlignBytes = 0);
