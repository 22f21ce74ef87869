using LinuxMem.Arch.Addresses;

namespace LinuxMem.Arch.Paging;

/// <summary>What a walk of page tables found.</summary>
/// <param name="Entry">The leaf entry as it stands in memory, present or not; 0 where an upper table was
/// missing.</param>
/// <param name="LeafTable">The frame of the leaf table; none where an upper table was missing.</param>
/// <param name="Index">The entry's index in the leaf table; meaningless where there is none.</param>
/// <param name="LevelsRead">How many entries were read, the leaf's included.</param>
public readonly record struct WalkResult(ulong Entry, Pfn LeafTable, int Index, int LevelsRead)
{
    /// <summary>Whether the tables go down to the leaf, so that <see cref="Entry"/> can be written back at
    /// <see cref="Index"/>.</summary>
    public bool HasLeaf => !LeafTable.IsNone;
}
