namespace LinuxMem.Simulation.Settings;

/// <summary>Which Linux a machine's memory is managed by, where the two differ.</summary>
public enum KernelEra
{
    /// <summary>Linux 6.18: zones, migrate types, per-CPU lists, watermarks; one page cache.</summary>
    Linux6,

    /// <summary>
    /// Linux 2.0: one list of free blocks for each order from 0 to 5, <c>nr_free_pages &gt; min_free_pages</c>, page
    /// age in mem_map, a buffer cache beside the page cache.
    /// </summary>
    Classic,
}
