using LinuxMem.Mm.PageAlloc;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Mm;

/// <summary>What a piece of kernel work did, counted as it goes and turned into virtual time at its end.</summary>
public struct WorkCost
{
    /// <summary>Frames taken from or given to a per-CPU list.</summary>
    public int Allocs;

    /// <summary>Times that the zone lock was taken.</summary>
    public int ZoneLocks;

    /// <summary>Pages zeroed.</summary>
    public int ZeroedPages;

    /// <summary>Pages copied.</summary>
    public int CopiedPages;

    /// <summary>Page-table pages made.</summary>
    public int PageTables;

    /// <summary>VMAs made, split, merged or removed.</summary>
    public int Vmas;

    /// <summary>Pages unmapped, dropped from the page cache, or whose protection changed.</summary>
    public int UnmappedPages;

    /// <summary>Entries copied by fork.</summary>
    public int ForkedPages;

    /// <summary>Fixed costs, in nanoseconds.</summary>
    public long FixedNs;

    /// <summary>Adds what an allocation did.</summary>
    public void AddAlloc(AllocCost cost)
    {
        Allocs++;
        if (cost.ZoneLockTaken)
            ZoneLocks++;
    }

    /// <summary>The time that all of it takes.</summary>
    public readonly long ToNs(KernelCosts c) =>
        FixedNs
        + ((long)Allocs * c.AllocNs)
        + ((long)ZoneLocks * c.ZoneLockNs)
        + ((long)ZeroedPages * c.ZeroPageNs)
        + ((long)CopiedPages * c.CopyPageNs)
        + ((long)PageTables * c.PageTableNs)
        + ((long)Vmas * c.VmaNs)
        + ((long)UnmappedPages * c.UnmapPageNs)
        + ((long)ForkedPages * c.ForkPageNs);
}
