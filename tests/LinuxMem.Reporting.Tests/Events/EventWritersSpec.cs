using System.Text;
using System.Text.Json;
using LinuxMem.Reporting.Events;
using LinuxMem.Simulation.Tracing;

namespace LinuxMem.Reporting.Tests.Events;

public class EventWritersSpec
{
    [Fact]
    public void Lines_are_those_of_perf_script()
    {
        string[] expected =
        [
            "init             1 0.000000000: task:task_newtask: pid=42 comm=web tgid=42",
            "init             1 0.000000000: sched:sched_process_fork: comm=init"
                + " pid=1 child_comm=web child_pid=42",
            "web              42 [003] 1.000000007: sched:sched_switch: prev_comm=swapper"
                + " prev_pid=0 prev_prio=120 prev_state=R ==> next_comm=web next_pid=42 next_prio=120 wait=none",
            "web              42 [003] 1.500000000: raw_syscalls:sys_enter:"
                + " NR 9 (0x0, 0x1000, 0x3, 0x22, 0xffffffffffffffff, 0x0)",
            "web              42 [003] 1.500000900: raw_syscalls:sys_exit: NR 9 = -12",
            "web              42 [003] 2.000000000: exceptions:page_fault_user:"
                + " address=0x7ffff7fef000 ip=0x0 error_code=0x6",
            "web              42 [003] 2.000000000: kmem:rss_stat: mm_id=5 curr=1 type=MM_ANONPAGES size=4096B",
            "irq              0 2.500000000: block:block_bio_complete: 8,0 W 2048 + 8",
            "web              42 [003] 3.000000000: tlb:tlb_flush: pages=-1"
                + " reason=remote IPI send (4) targets=2 wait_ns=2600",
            "web              42 [003] 3.000000000: lock:contention_begin: 0xff class=mmap_lock flags=2 holder=0",
        ];
        string written = Written(stream => new PerfScriptWriter(stream, TraceFilter.All));
        Assert.Equal([.. expected, ""], written.Split('\n'));
    }

    [Fact]
    public void Json_has_an_object_a_line_with_the_fields_of_the_event()
    {
        string[] lines = Written(stream => new EventJsonWriter(stream, TraceFilter.All)).Split('\n');
        Assert.Equal("", lines[^1]);
        Assert.All(lines[..^1], line => JsonDocument.Parse(line).Dispose());
        Assert.Equal("{\"ns\":2000000000,\"cpu\":3,\"pid\":42,\"tid\":42,\"comm\":\"web\","
            + "\"event\":\"exceptions:page_fault_user\",\"address\":\"0x7ffff7fef000\",\"ip\":\"0x0\","
            + "\"error_code\":\"0x6\"}", lines[5]);
        Assert.EndsWith("\"event\":\"block:block_bio_complete\",\"dev\":0,\"rwbs\":\"W\",\"sector\":2048,"
            + "\"nr_sector\":8}", lines[7]);
    }

    [Fact]
    public void Names_are_known_also_where_the_events_that_told_them_are_not_wanted()
    {
        var filter = new TraceFilter { Points = new HashSet<Tracepoint> { Tracepoint.SysExit } };
        Assert.Equal("web              42 [003] 1.500000900: raw_syscalls:sys_exit: NR 9 = -12\n",
            Written(stream => new PerfScriptWriter(stream, filter)));
    }

    [Fact]
    public void Names_from_outside_cannot_break_a_line_or_an_object()
    {
        TraceEvent[] events = [Of(0, -1, 0, 1, Tracepoint.TaskNewTask, "a\n\u001b\"b", 42, 42)];
        Assert.Contains("comm=a??\"b ", Written(stream => new PerfScriptWriter(stream, TraceFilter.All), events));
        using var json = JsonDocument.Parse(Written(stream => new EventJsonWriter(stream, TraceFilter.All), events));
        Assert.Equal("a\n\u001b\"b", json.RootElement.GetProperty("comm").GetString());
    }

    [Fact]
    public void Long_texts_and_many_lines_are_written_whole()
    {
        string name = new('x', 100_000);
        TraceEvent[] events = [.. Enumerable.Range(0, 3).Select(i => Of(i, 0, 2, 2, Tracepoint.Note, name, i, 0))];
        string text = Written(stream => new PerfScriptWriter(stream, TraceFilter.All), events);
        Assert.Equal(3, text.Split('\n').Count(line => line.Contains(name, StringComparison.Ordinal)));
    }

    private static string Written<T>(Func<Stream, T> make, TraceEvent[]? events = null)
        where T : ITraceSink, IDisposable
    {
        using var stream = new MemoryStream();
        using (T writer = make(stream))
            writer.Take(events ?? Sample);
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static TraceEvent[] Sample =>
    [
        Of(0, -1, 0, 1, Tracepoint.TaskNewTask, "web", 42, 42),
        Of(0, -1, 0, 1, Tracepoint.SchedProcessFork, null, 1, 42),
        Of(1_000_000_007, 3, 42, 42, Tracepoint.SchedSwitch, null, 0, 42, 0, 120),
        Of(1_500_000_000, 3, 42, 42, Tracepoint.SysEnter, null, 9, 0, 4096, 3, 34, -1, 0),
        Of(1_500_000_900, 3, 42, 42, Tracepoint.SysExit, null, 9, -12),
        Of(2_000_000_000, 3, 42, 42, Tracepoint.PageFaultUser, null, 0x7ffff7fef000, 0, 6),
        Of(2_000_000_000, 3, 42, 42, Tracepoint.RssStat, null, 5, 1, 1, 4096),
        Of(2_500_000_000, -1, 0, KernelThreads.Interrupt, Tracepoint.BlockBioComplete, null, 0, 1, 2048, 8, 77),
        Of(3_000_000_000, 3, 42, 42, Tracepoint.TlbFlush, null, -1, 4, 2, 2600),
        Of(3_000_000_000, 3, 42, 42, Tracepoint.ContentionBegin, "mmap_lock", 255, 2),
    ];

    internal static TraceEvent Of(long atNs, int cpu, int pid, int tid, Tracepoint point, string? text,
        params ReadOnlySpan<long> numbers)
    {
        var told = new TraceEvent { AtNs = atNs, Cpu = cpu, Pid = pid, Tid = tid, Point = point, Text = text };
        for (int i = 0; i < numbers.Length; i++)
            told.Numbers[i] = numbers[i];
        return told;
    }
}
