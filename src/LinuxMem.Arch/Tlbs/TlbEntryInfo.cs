namespace LinuxMem.Arch.Tlbs;

/// <summary>The caches of an MMU.</summary>
public enum TlbLevel : byte
{
    /// <summary>First level for loads and stores.</summary>
    L1Data,

    /// <summary>First level for instruction fetches.</summary>
    L1Code,

    /// <summary>Second level.</summary>
    L2,

    /// <summary>The page-walk cache: its entries name leaf tables.</summary>
    WalkCache,
}

/// <summary>One valid entry of an MMU's caches, for audits and digests.</summary>
/// <param name="Level">Which cache.</param>
/// <param name="Asid">The address space's tag.</param>
/// <param name="Vpn">The virtual page; in the walk cache the first page that the leaf table covers.</param>
/// <param name="Pfn">The frame of the page; in the walk cache that of the leaf table.</param>
/// <param name="Write">Whether stores are allowed.</param>
/// <param name="Exec">Whether instruction fetches are allowed.</param>
/// <param name="Dirty">Whether a store may go ahead without setting the dirty bit first.</param>
public readonly record struct TlbEntryInfo(
    TlbLevel Level, ushort Asid, ulong Vpn, uint Pfn, bool Write, bool Exec, bool Dirty)
{
    /// <summary>Level, address space and page in one word (6, 12 and 46 bits), for digests.</summary>
    public ulong Key => ((ulong)Level << 58) | ((ulong)Asid << 46) | Vpn;

    /// <summary>Frame and rights in one word, for digests.</summary>
    public ulong Value => Pfn | (Write ? 1UL << 32 : 0) | (Exec ? 1UL << 33 : 0) | (Dirty ? 1UL << 34 : 0);
}
