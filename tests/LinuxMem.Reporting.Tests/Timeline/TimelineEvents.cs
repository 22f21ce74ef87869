using LinuxMem.Reporting.Tests.Events;
using LinuxMem.Simulation.Tracing;

namespace LinuxMem.Reporting.Tests.Timeline;

/// <summary>The life of a task, 5,000 ns long, in which everything happens that a timeline knows.</summary>
internal static class TimelineEvents
{
    private const int Tid = 42;
    private const int Prio = 120;

    public static TraceEvent[] Life =>
    [
        At(0, -1, 1, Tracepoint.TaskNewTask, "web", Tid, Tid),
        At(0, -1, 1, Tracepoint.SchedWakeup, null, Tid, 0, 0, Prio),
        At(100, 0, Tid, Tracepoint.SchedSwitch, null, 0, Tid, 0, Prio, 0),
        At(200, 0, Tid, Tracepoint.SysEnter, null, 9, 0, 4096),
        At(500, 0, Tid, Tracepoint.ContentionBegin, "mmap_lock", 1, 0),
        At(700, 0, Tid, Tracepoint.ContentionEnd, "mmap_lock", 1, 0),
        At(1100, 0, Tid, Tracepoint.SysExit, null, 9, 0),
        At(1500, 0, Tid, Tracepoint.PageFaultUser, null, 0x1000, 0, 6),
        At(1500, 0, Tid, Tracepoint.TlbFlush, null, 1, 4, 1, 100),
        At(1900, 0, Tid, Tracepoint.PageFaultDone, "AnonZeroFill", 0x1000, 0, 400, 0),
        At(2000, 0, Tid, Tracepoint.PageFaultUser, null, 0x2000, 0, 4),
        At(2000, 0, Tid, Tracepoint.BlockBioQueue, null, 0, 0, 64, 8, 1),
        At(2100, 0, Tid, Tracepoint.PageFaultDone, "WaitsForPage", 0x2000, 0, 100, 1),
        At(2100, 0, 0, Tracepoint.SchedSwitch, null, Tid, 0, 2, Prio, 2),
        At(2500, -1, 0, Tracepoint.MemorySample, null, 100, 1, 2, 3, 4, 5, 6),
        At(3000, -1, KernelThreads.Interrupt, Tracepoint.BlockBioComplete, null, 0, 0, 64, 8, 1),
        At(3000, -1, KernelThreads.Interrupt, Tracepoint.SchedWakeup, null, Tid, 0, 0, Prio),
        At(3100, 0, Tid, Tracepoint.SchedSwitch, null, 0, Tid, 0, Prio, 0),
        At(3100, 0, Tid, Tracepoint.PageFaultRetry, null, 0x2000, 0, 4),
        At(3100, 0, Tid, Tracepoint.PageFaultDone, "FileRead", 0x2000, 1, 0, 0),
        At(3500, 0, Tid, Tracepoint.SysEnter, null, 35, 750),
        At(3600, 0, 0, Tracepoint.SchedSwitch, null, Tid, 0, 1, Prio, 1),
        At(4350, -1, 0, Tracepoint.SchedWakeup, null, Tid, 0, 0, Prio),
        At(4400, 0, Tid, Tracepoint.SchedSwitch, null, 0, Tid, 0, Prio, 0),
        At(4500, 0, Tid, Tracepoint.SysExit, null, 35, 0),
        At(5000, 0, Tid, Tracepoint.SchedProcessExit, null, Tid, 1, 0, Prio),
        At(5000, 0, 0, Tracepoint.SchedSwitch, null, Tid, 0, 3, Prio, 0),
    ];

    public static TraceEvent At(long atNs, int cpu, int tid, Tracepoint point, string? text,
        params ReadOnlySpan<long> numbers) =>
        EventWritersSpec.Of(atNs, cpu, Math.Max(0, tid), tid, point, text, numbers);
}
