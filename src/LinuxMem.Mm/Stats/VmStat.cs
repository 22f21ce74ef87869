using System.Collections.Immutable;
using System.Runtime.CompilerServices;

namespace LinuxMem.Mm.Stats;

/// <summary>The machine's memory counters.</summary>
/// <remarks>
/// Linux: mm/vmstat.c, v6.18. One exact array for the machine: the kernel phase is one thread, so the per-CPU
/// differences that Linux folds now and then are not needed.
/// </remarks>
public sealed class VmStat
{
    private readonly long[] values = new long[Names.Length];

    /// <summary>Pages allocated since boot, from any zone.</summary>
    public long AllocatedPages =>
        this[VmEvent.PgAllocDma] + this[VmEvent.PgAllocDma32] + this[VmEvent.PgAllocNormal];

    /// <summary>Names as in /proc/vmstat, indexed by <see cref="VmEvent"/>.</summary>
    public static ImmutableArray<string> Names { get; } =
    [
        "nr_free_pages",
        "nr_free_pages_blocks",
        "nr_mlock",
        "workingset_refault_anon",
        "workingset_refault_file",
        "workingset_activate_anon",
        "workingset_activate_file",
        "workingset_restore_anon",
        "workingset_restore_file",
        "nr_anon_pages",
        "nr_mapped",
        "nr_file_pages",
        "nr_dirty",
        "nr_writeback",
        "nr_shmem",
        "nr_dirtied",
        "nr_written",
        "nr_page_table_pages",
        "nr_swapcached",
        "pgpgin",
        "pgpgout",
        "pswpin",
        "pswpout",
        "pgalloc_dma",
        "pgalloc_dma32",
        "pgalloc_normal",
        "allocstall_movable",
        "pgfree",
        "pgactivate",
        "pgdeactivate",
        "pglazyfree",
        "pgfault",
        "pgmajfault",
        "pglazyfreed",
        "pgrefill",
        "pgreuse",
        "pgsteal_kswapd",
        "pgsteal_direct",
        "pgscan_kswapd",
        "pgscan_direct",
        "pgscan_anon",
        "pgscan_file",
        "pgsteal_anon",
        "pgsteal_file",
        "pageoutrun",
        "drop_pagecache",
        "drop_slab",
        "oom_kill",
        "pgmigrate_success",
        "pgmigrate_fail",
        "compact_migrate_scanned",
        "compact_free_scanned",
        "compact_isolated",
        "compact_stall",
        "compact_fail",
        "compact_success",
        "compact_daemon_wake",
        "compact_daemon_migrate_scanned",
        "compact_daemon_free_scanned",
        "unevictable_pgs_culled",
        "unevictable_pgs_scanned",
        "unevictable_pgs_rescued",
        "unevictable_pgs_mlocked",
        "unevictable_pgs_munlocked",
        "unevictable_pgs_cleared",
        "nr_tlb_remote_flush",
        "nr_tlb_remote_flush_received",
        "nr_tlb_local_flush_all",
        "nr_tlb_local_flush_one",
        "swap_ra",
        "swap_ra_hit",
    ];

    /// <summary>The counter's value.</summary>
    public long this[VmEvent e] => values[(int)e];

    /// <summary>Adds to a counter; <paramref name="n"/> may be negative for gauges.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(VmEvent e, long n = 1) => values[(int)e] += n;

    /// <summary>A copy of all counters by name, in the order of /proc/vmstat.</summary>
    public IReadOnlyList<KeyValuePair<string, long>> Snapshot()
    {
        var counters = new KeyValuePair<string, long>[values.Length];
        for (int i = 0; i < counters.Length; i++)
            counters[i] = new(Names[i], values[i]);
        return counters;
    }
}
