namespace LinuxMem.Arch.Tlbs;

/// <summary>What an MMU has done since it was made. Accesses = L1Hits + L2Hits + Walks.</summary>
public struct MmuCounters
{
    /// <summary>Accesses carried out.</summary>
    public long Accesses;

    /// <summary>Of these, those that the first level translated.</summary>
    public long L1Hits;

    /// <summary>Of these, those that the second level translated.</summary>
    public long L2Hits;

    /// <summary>Of these, those that read page tables; a store that had to set the dirty bit among them.</summary>
    public long Walks;

    /// <summary>Table entries that these walks read, at most the geometry's levels each.</summary>
    public long WalkLevels;

    /// <summary>Accesses that trapped; an access that is tried again may trap again.</summary>
    public long Faults;

    /// <summary>Calls of <see cref="Mmu.Invalidate"/>.</summary>
    public long Invalidations;

    /// <summary>Calls of <see cref="Mmu.FlushAsid"/> and <see cref="Mmu.FlushAll"/>.</summary>
    public long Flushes;
}
