using LinuxMem.Reporting.Timeline;
using LinuxMem.Simulation.Tracing;

namespace LinuxMem.Reporting.Tests.Timeline;

public class ChromeTraceSpec
{
    [Fact]
    public void The_life_of_a_task_is_on_its_track_and_on_its_cpus()
    {
        ChromeTraceFile trace = Write(TimelineEvents.Life);
        trace.Check();
        Assert.Equal(
            [
                ("runnable", 0, 0.1), ("mmap", 0.2, 0.9), ("lock mmap_lock", 0.5, 0.2),
                ("page_fault AnonZeroFill", 1.5, 0.4), ("tlb shootdown", 1.5, 0.1),
                ("page_fault WaitsForPage", 2.0, 0.1), ("wait for disk", 2.1, 0.9), ("runnable", 3.0, 0.1),
                ("page_fault FileRead", 3.1, 0), ("nanosleep", 3.5, 1.0), ("sleep", 3.6, 0.75),
                ("runnable", 4.35, 0.05),
            ],
            trace.SpansOf("web").Select(span => (span.Name, Math.Round(span.Ts, 3), Math.Round(span.Dur, 3))));
        Assert.Equal([(0.1, 2.1), (3.1, 3.6), (4.4, 5.0)],
            trace.SpansOf("cpu0").Select(span => (Math.Round(span.Ts, 3), Math.Round(span.Ts + span.Dur, 3))));
    }

    [Fact]
    public void Counters_and_ios_are_there()
    {
        ChromeTraceFile trace = Write(TimelineEvents.Life);
        Assert.Equal(3, trace.Events.Count(e => e.Phase == "C"));
        Assert.Equal(["b", "e"], trace.Events.Where(e => e.Category == "block").Select(e => e.Phase));
    }

    [Fact]
    public void An_arrow_goes_from_who_had_a_lock_to_who_waited_for_it()
    {
        TraceEvent[] events =
        [
            TimelineEvents.At(0, -1, 1, Tracepoint.TaskNewTask, "a", 8, 8),
            TimelineEvents.At(0, -1, 1, Tracepoint.TaskNewTask, "b", 9, 9),
            TimelineEvents.At(100, 0, 8, Tracepoint.SchedSwitch, null, 0, 8, 0, 120, 0),
            TimelineEvents.At(100, 1, 9, Tracepoint.SchedSwitch, null, 0, 9, 0, 120, 0),
            TimelineEvents.At(450, 1, 9, Tracepoint.ContentionBegin, "zone_lock", 1, 4, 8),
            TimelineEvents.At(460, 1, 9, Tracepoint.ContentionEnd, "zone_lock", 1, 0),
            TimelineEvents.At(470, 0, 8, Tracepoint.SysEnter, null, 9, 0, 4096),
            TimelineEvents.At(500, 1, 9, Tracepoint.ContentionBegin, "mmap_lock", 1, 4, 8),
            TimelineEvents.At(600, 0, 8, Tracepoint.SysExit, null, 9, 0),
            TimelineEvents.At(700, 1, 9, Tracepoint.ContentionEnd, "mmap_lock", 1, 0),
        ];
        ChromeTraceFile trace = Write(events);
        trace.Check();
        // The first wait has none: who had that lock was in no call then, as far as was told.
        Assert.Equal([("s", 8, 0.5), ("f", 9, 0.7)],
            trace.Events.Where(e => e.Category == "lock").Select(e => (e.Phase, e.Tid, Math.Round(e.Ts, 3))));
    }

    [Fact]
    public void Counters_belong_to_a_process_with_a_name()
    {
        ChromeTraceFile trace = Write(TimelineEvents.Life);
        long memory = trace.Events.Single(e => e.Name == "process_name" && e.Named == "memory").Pid;
        Assert.All(trace.Events.Where(e => e.Phase == "C"), e => Assert.Equal(memory, e.Pid));
        Assert.Equal(4, trace.Events.Count(e => e.Name == "process_sort_index"));
    }

    [Fact]
    public void Requests_and_compaction_are_spans()
    {
        TraceEvent[] events =
        [
            TimelineEvents.At(100, -1, 0, Tracepoint.BlockRqIssue, null, 0, 1, 64, 16, 3, 8192),
            TimelineEvents.At(200, -1, 0, Tracepoint.CompactionBegin, null, 16, 16, 64, 64, 1),
            TimelineEvents.At(300, -1, 0, Tracepoint.BlockRqComplete, null, 0, 1, 64, 16, 3, 8192),
            TimelineEvents.At(400, -1, 0, Tracepoint.CompactionEnd, null, 16, 30, 40, 64, 1, 2),
        ];
        ChromeTraceFile trace = Write(events);
        trace.Check();
        Assert.Equal(["compaction"], trace.SpansOf("compaction").Select(span => span.Name));
        Assert.Equal(["b", "e"], trace.Events.Where(e => e.Category == "request0").Select(e => e.Phase));
    }

    [Fact]
    public void A_trace_that_is_cut_short_anywhere_is_whole()
    {
        for (int length = 0; length <= TimelineEvents.Life.Length; length++)
            Write(TimelineEvents.Life[..length]).Check();
    }

    [Fact]
    public void A_run_without_events_gives_a_trace_without_spans()
    {
        ChromeTraceFile trace = Write([]);
        trace.Check();
        Assert.All(trace.Events, e => Assert.Equal("M", e.Phase));
    }

    private static ChromeTraceFile Write(TraceEvent[] events)
    {
        using var stream = new MemoryStream();
        using (var trace = new ChromeTrace(stream))
            trace.Take(events);
        return ChromeTraceFile.Parse(stream.ToArray());
    }
}
