namespace LinuxMem.Audit.Indexes;

/// <summary>The structures in which a frame was found; what its tag ought to say follows from them.</summary>
[Flags]
public enum FrameClaims : ushort
{
    /// <summary>Found nowhere.</summary>
    None = 0,

    /// <summary>In a block on a free list, as its head or inside.</summary>
    Buddy = 1,

    /// <summary>On a per-CPU list.</summary>
    Pcp = 2,

    /// <summary>In the tree of an address space's page tables.</summary>
    Table = 4,

    /// <summary>In the page cache.</summary>
    Cache = 8,

    /// <summary>Among the frames that wait for TLBs.</summary>
    Parked = 16,

    /// <summary>Under a page-table entry; not counted for the zero page.</summary>
    Mapped = 32,

    /// <summary>Under a page-table entry that says it names the zero page.</summary>
    ZeroMapped = 64,

    /// <summary>On a list of page replacement; only who screens frames notes that.</summary>
    Listed = 128,

    /// <summary>In a pipe.</summary>
    Lent = 256,
}

/// <summary>A frame that a structure has twice, though once is all that makes sense.</summary>
/// <param name="Frame">Index of the frame's record.</param>
/// <param name="Claim">The structure.</param>
internal readonly record struct DoubleClaim(int Frame, FrameClaims Claim);
