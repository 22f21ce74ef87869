namespace LinuxMem.Simulation.Tracing;

/// <summary>
/// What the kernel tells of while it runs. Names, and the numbers that an event carries, are those of Linux's
/// tracepoints; <see cref="Tracepoints"/> describes them.
/// </summary>
/// <remarks>Linux: include/trace/events, v6.18. The last group is the simulator's own.</remarks>
public enum Tracepoint : byte
{
    /// <summary>A program's access faults: address, ip, error_code. The service begins.</summary>
    PageFaultUser,

    /// <summary>A task enters a system call: number and six arguments.</summary>
    SysEnter,

    /// <summary>The call is over: number and result.</summary>
    SysExit,

    /// <summary>Frames were taken: pfn, order, migratetype, gfp_flags.</summary>
    MmPageAlloc,

    /// <summary>Frames are free: pfn, order.</summary>
    MmPageFree,

    /// <summary>A resident set has changed: mm_id, whether it is the running task's, member, bytes.</summary>
    RssStat,

    /// <summary>A CPU goes from one task to another: tids, the state in which the first leaves, and
    /// what it waits for.</summary>
    SchedSwitch,

    /// <summary>A task can run again: tid, CPU where it is put.</summary>
    SchedWakeup,

    /// <summary>A task made another: tids.</summary>
    SchedProcessFork,

    /// <summary>A task has another program: pid. Its text is the new name.</summary>
    SchedProcessExec,

    /// <summary>A task ends: tid, whether its process ends with it.</summary>
    SchedProcessExit,

    /// <summary>A task exists: tid, pid. Its text is its name.</summary>
    TaskNewTask,

    /// <summary>
    /// Entries leave a TLB: pages (-1 for all), reason; who interrupts others: how many, and the wait.
    /// </summary>
    TlbFlush,

    /// <summary>kswapd begins to work: node, order.</summary>
    KswapdWake,

    /// <summary>kswapd has enough: node.</summary>
    KswapdSleep,

    /// <summary>A task reclaims memory itself: order, gfp_flags.</summary>
    DirectReclaimBegin,

    /// <summary>It has: pages.</summary>
    DirectReclaimEnd,

    /// <summary>A pass over the lists is over: node, pages looked at, pages on their way out, priority.</summary>
    LruShrink,

    /// <summary>An I/O is submitted: device, direction, sector, sectors.</summary>
    BlockBioQueue,

    /// <summary>It is over: the same.</summary>
    BlockBioComplete,

    /// <summary>A device begins a request, which may have several I/Os in it: as an I/O, its number, bytes.</summary>
    BlockRqIssue,

    /// <summary>The request is over: the same.</summary>
    BlockRqComplete,

    /// <summary>The OOM killer has chosen: pid.</summary>
    MarkVictim,

    /// <summary>
    /// A task begins to wait for a lock: instance, flags, who has it (0 if that is not known). Its text is the lock's
    /// class.
    /// </summary>
    ContentionBegin,

    /// <summary>
    /// It has the lock, or waits no more: instance, 0 or a negative error. Its text is the lock's class.
    /// </summary>
    ContentionEnd,

    /// <summary>A signal is sent: number, code, to whom.</summary>
    SignalGenerate,

    /// <summary>A zone is compacted: its first pfn, the scanners' places, its end, whether a task waits.</summary>
    CompactionBegin,

    /// <summary>That is over: the same, and its result.</summary>
    CompactionEnd,

    /// <summary>Pages were moved on the way: how many, and how many could not be.</summary>
    CompactionMigratePages,

    /// <summary>ksmd begins a full scan: its number, address spaces.</summary>
    KsmStartScan,

    /// <summary>ksmd has ended a full scan: its number, address spaces.</summary>
    KsmStopScan,

    /// <summary>A page became one with the same page of others: pfn, mm.</summary>
    KsmMergeOnePage,

    /// <summary>The service of a fault is over: address, kind, whether it was a major one, cost, what follows.
    /// Its text names the kind.</summary>
    PageFaultDone,

    /// <summary>A task tries a fault again that it waited in: address, ip, error_code.</summary>
    PageFaultRetry,

    /// <summary>A fault was injected. Its text names the fault point.</summary>
    InjectedFault,

    /// <summary>How much memory is what, sampled: free, anonymous, file, shared, tables in pages; faults, swap.
    /// </summary>
    MemorySample,

    /// <summary>Anything else, told in words.</summary>
    Note,
}
