using System.Collections.Immutable;
using static LinuxMem.Simulation.Tracing.TraceFormat;

namespace LinuxMem.Simulation.Tracing;

/// <summary>The table of <see cref="Tracepoints"/>.</summary>
internal static class TracepointTable
{
    private static readonly ImmutableArray<string> RssMembers =
        ["MM_FILEPAGES", "MM_ANONPAGES", "MM_SWAPENTS", "MM_SHMEMPAGES"];

    private static readonly ImmutableArray<string> FlushReasons =
    [
        "flush on task switch", "remote shootdown", "local shootdown", "local MM shootdown", "remote IPI send",
    ];

    private static readonly ImmutableArray<string> WaitReasons = ["none", "sleep", "disk", "memory", "lock"];

    private static readonly ImmutableArray<string> CompactResults = ["complete", "continue", "success"];

    private static readonly ImmutableArray<string> TaskStates =
        ["R", "S", "D", "X", "R+"];

    /// <summary>Every kind, in the order of <see cref="Tracepoint"/>.</summary>
    public static ImmutableArray<TracepointInfo> All { get; } =
    [
        New(Tracepoint.PageFaultUser, "exceptions", "page_fault_user", Fault),
        New(Tracepoint.SysEnter, "raw_syscalls", "sys_enter",
            new TraceField("id", 0, Number, "NR "), new("arg0", 1, Hex, " ("), new("arg1", 2, Hex, ", "),
            new("arg2", 3, Hex, ", "), new("arg3", 4, Hex, ", "), new("arg4", 5, Hex, ", "),
            new("arg5", 6, Hex, ", ") { After = ")" }),
        New(Tracepoint.SysExit, "raw_syscalls", "sys_exit",
            new TraceField("id", 0, Number, "NR "), new("ret", 1, Number, " = ")),
        New(Tracepoint.MmPageAlloc, "kmem", "mm_page_alloc",
            new TraceField("pfn", 0, Hex), new("order", 1), new("migratetype", 2), new("gfp_flags", 3, Hex)),
        New(Tracepoint.MmPageFree, "kmem", "mm_page_free", new TraceField("pfn", 0, Hex), new("order", 1)),
        New(Tracepoint.RssStat, "kmem", "rss_stat",
            new TraceField("mm_id", 0), new("curr", 1), new("type", 2, Name) { Names = RssMembers },
            new("size", 3) { After = "B" }),
        New(Tracepoint.SchedSwitch, "sched", "sched_switch",
            new TraceField("prev_comm", 0, Comm), new("prev_pid", 0), new("prev_prio", 3),
            new("prev_state", 2, Name) { Names = TaskStates },
            new("next_comm", 1, Comm, " ==> next_comm="), new("next_pid", 1), new("next_prio", 3),
            new("wait", 4, Name) { Names = WaitReasons }),
        New(Tracepoint.SchedWakeup, "sched", "sched_wakeup",
            new TraceField("comm", 0, Comm), new("pid", 0), new("prio", 3), new("target_cpu", 1)),
        New(Tracepoint.SchedProcessFork, "sched", "sched_process_fork",
            new TraceField("comm", 0, Comm), new("pid", 0), new("child_comm", 1, Comm), new("child_pid", 1)),
        New(Tracepoint.SchedProcessExec, "sched", "sched_process_exec",
            new TraceField("filename", 0, Text), new("pid", 0), new("old_pid", 0)),
        New(Tracepoint.SchedProcessExit, "sched", "sched_process_exit",
            new TraceField("comm", 0, Comm), new("pid", 0), new("prio", 3), new("group_dead", 1)),
        New(Tracepoint.TaskNewTask, "task", "task_newtask",
            new TraceField("pid", 0), new("comm", 0, Text), new("tgid", 1)),
        New(Tracepoint.TlbFlush, "tlb", "tlb_flush",
            new TraceField("pages", 0), new("reason", 1, NameAndNumber) { Names = FlushReasons }, new("targets", 2),
            new("wait_ns", 3)),
        New(Tracepoint.KswapdWake, "vmscan", "mm_vmscan_kswapd_wake", new TraceField("nid", 0), new("order", 1)),
        New(Tracepoint.KswapdSleep, "vmscan", "mm_vmscan_kswapd_sleep", new TraceField("nid", 0)),
        New(Tracepoint.DirectReclaimBegin, "vmscan", "mm_vmscan_direct_reclaim_begin",
            new TraceField("order", 0), new("gfp_flags", 1, Hex)),
        New(Tracepoint.DirectReclaimEnd, "vmscan", "mm_vmscan_direct_reclaim_end", new TraceField("nr_reclaimed", 0)),
        New(Tracepoint.LruShrink, "vmscan", "mm_vmscan_lru_shrink_inactive",
            new TraceField("nid", 0), new("nr_scanned", 1), new("nr_reclaimed", 2), new("priority", 3)),
        New(Tracepoint.BlockBioQueue, "block", "block_bio_queue", Bio),
        New(Tracepoint.BlockBioComplete, "block", "block_bio_complete", Bio),
        New(Tracepoint.BlockRqIssue, "block", "block_rq_issue", Request("bytes", 5)),
        New(Tracepoint.BlockRqComplete, "block", "block_rq_complete", Request("error", 6)),
        New(Tracepoint.MarkVictim, "oom", "mark_victim", new TraceField("pid", 0), new("comm", 0, Text)),
        New(Tracepoint.ContentionBegin, "lock", "contention_begin",
            [.. Contention("flags"), new TraceField("holder", 2)]),
        New(Tracepoint.ContentionEnd, "lock", "contention_end", Contention("ret")),
        New(Tracepoint.SignalGenerate, "signal", "signal_generate",
            new TraceField("sig", 0), new("errno", 4), new("code", 1), new("comm", 2, Comm), new("pid", 2)),
        New(Tracepoint.CompactionBegin, "compaction", "mm_compaction_begin", Span),
        New(Tracepoint.CompactionEnd, "compaction", "mm_compaction_end",
            [.. Span, new TraceField("status", 5, Name) { Names = CompactResults }]),
        New(Tracepoint.CompactionMigratePages, "compaction", "mm_compaction_migratepages",
            new TraceField("nr_migrated", 0), new("nr_failed", 1)),
        New(Tracepoint.KsmStartScan, "ksm", "ksm_start_scan", Scan),
        New(Tracepoint.KsmStopScan, "ksm", "ksm_stop_scan", Scan),
        New(Tracepoint.KsmMergeOnePage, "ksm", "ksm_merge_one_page",
            new TraceField("pfn", 0, Hex), new("mm", 1), new("ksm_pages", 2)),
        New(Tracepoint.PageFaultDone, "linuxmem", "page_fault_done",
            new TraceField("address", 0, Hex), new("kind", 0, Text), new("major", 1), new("cost_ns", 2),
            new("waits", 3)),
        New(Tracepoint.PageFaultRetry, "linuxmem", "page_fault_retry", Fault),
        New(Tracepoint.InjectedFault, "linuxmem", "injected_fault",
            new TraceField("point", 0, Text), new("count", 0), new("size", 1), new("detail", 2)),
        New(Tracepoint.MemorySample, "linuxmem", "memory",
            new TraceField("free", 0), new("anon", 1), new("file", 2), new("shmem", 3), new("page_tables", 4),
            new("pgfault", 5), new("swap_free", 6)),
        New(Tracepoint.Note, "linuxmem", "note", new TraceField("text", 0, Text), new("a", 0), new("b", 1)),
    ];

    private static TraceField[] Fault =>
        [new("address", 0, Hex), new("ip", 1, Hex), new("error_code", 2, Hex)];

    private static TraceField[] Bio =>
    [
        new("dev", 0, Number, "8,"), new("rwbs", 1, Name, " ") { Names = ["R", "W"] }, new("sector", 2, Number, " "),
        new("nr_sector", 3, Number, " + "),
    ];

    private static TraceField[] Request(string last, int index) => [.. Bio, new(last, index)];

    private static TraceField[] Span =>
    [
        new("zone_start", 0, Hex), new("migrate_pfn", 1, Hex), new("free_pfn", 2, Hex), new("zone_end", 3, Hex),
        new("mode", 4, Name) { Names = ["async", "sync"] },
    ];

    private static TraceField[] Scan => [new("seq", 0), new("rmap_entries", 1)];

    private static TraceField[] Contention(string last) =>
        [new("lock_addr", 0, Hex, ""), new("class", 0, Text), new(last, 1)];

    private static TracepointInfo New(Tracepoint point, string system, string name, params TraceField[] fields) =>
        new(point, system, name, [.. fields]);
}
