using LinuxMem.Mm.Stats;

namespace LinuxMem.Mm.Tests.PageAlloc;

public class VmStatSpec
{
    // Some lines of /proc/vmstat of Linux 6.18, in its order; a name that is modelled must be among them.
    private const string RealOrder =
        "nr_free_pages nr_free_pages_blocks nr_zone_inactive_anon nr_mlock numa_hit nr_inactive_anon nr_active_anon "
        + "workingset_refault_anon workingset_refault_file workingset_activate_anon workingset_activate_file "
        + "workingset_restore_anon workingset_restore_file nr_anon_pages nr_mapped nr_file_pages nr_dirty "
        + "nr_writeback nr_shmem nr_dirtied nr_written "
        + "nr_kernel_stack nr_page_table_pages nr_swapcached pgpgin pgpgout pswpin "
        + "pswpout pgalloc_dma pgalloc_dma32 pgalloc_normal pgalloc_movable "
        + "allocstall_dma allocstall_movable pgfree pgactivate pgdeactivate pglazyfree pgfault "
        + "pgmajfault pglazyfreed pgrefill pgreuse "
        + "pgsteal_kswapd pgsteal_direct pgscan_kswapd pgscan_direct pgscan_anon "
        + "pgscan_file pgsteal_anon pgsteal_file pageoutrun drop_pagecache drop_slab oom_kill "
        + "numa_pte_updates pgmigrate_success pgmigrate_fail compact_migrate_scanned compact_free_scanned "
        + "compact_isolated compact_stall compact_fail compact_success compact_daemon_wake "
        + "compact_daemon_migrate_scanned compact_daemon_free_scanned "
        + "unevictable_pgs_culled unevictable_pgs_scanned unevictable_pgs_rescued unevictable_pgs_mlocked "
        + "unevictable_pgs_munlocked "
        + "unevictable_pgs_cleared thp_fault_alloc "
        + "balloon_migrate nr_tlb_remote_flush nr_tlb_remote_flush_received nr_tlb_local_flush_all "
        + "nr_tlb_local_flush_one swap_ra swap_ra_hit nr_unstable";

    [Fact]
    public void Counters_have_the_names_and_the_order_of_proc_vmstat()
    {
        string[] names = new VmStat().Snapshot().Select(c => c.Key).ToArray();
        Assert.Equal(RealOrder.Split(' ').Where(names.Contains), names);
        Assert.Equal(Enum.GetValues<VmEvent>().Length, names.Length);
    }

    [Fact]
    public void A_counter_has_the_name_of_its_member()
    {
        foreach (VmEvent e in Enum.GetValues<VmEvent>())
        {
            string name = VmStat.Names[(int)e].Replace("_", "", StringComparison.Ordinal);
            Assert.Equal(e.ToString(), name, ignoreCase: true);
        }
    }

    [Fact]
    public void Adding_changes_one_counter_and_gauges_go_down_again()
    {
        var stat = new VmStat();
        stat.Add(VmEvent.PgFault);
        stat.Add(VmEvent.NrAnonPages, 5);
        stat.Add(VmEvent.NrAnonPages, -2);
        Assert.Equal((1L, 3L), (stat[VmEvent.PgFault], stat[VmEvent.NrAnonPages]));
        Assert.Equal(4, stat.Snapshot().Sum(c => c.Value));
    }
}
