using System.Text;
using LinuxMem.Reporting.Timeline;
using LinuxMem.Simulation.Tracing;

namespace LinuxMem.Reporting.Tests.Timeline;

public class FoldedStacksSpec
{
    [Fact]
    public void Every_nanosecond_of_a_task_has_its_place()
    {
        string expected = """
            web;mmap 700
            web;mmap;lock:mmap_lock 200
            web;nanosleep 200
            web;nanosleep;runqueue 50
            web;nanosleep;sleep 750
            web;page_fault;AnonZeroFill 300
            web;page_fault;AnonZeroFill;tlb_shootdown 100
            web;page_fault;WaitsForPage 100
            web;page_fault;WaitsForPage;io 900
            web;page_fault;WaitsForPage;runqueue 100
            web;runqueue 100
            web;user 1500

            """;
        Assert.Equal(expected.ReplaceLineEndings("\n"), Folded(TimelineEvents.Life));
        Assert.Equal(5000, Folded(TimelineEvents.Life).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Sum(line => long.Parse(line[(line.LastIndexOf(' ') + 1)..])));
    }

    [Fact]
    public void A_run_that_is_cut_short_counts_as_far_as_it_came()
    {
        string folded = Folded([.. TimelineEvents.Life.TakeWhile(e => e.AtNs <= 1000)]);
        Assert.Contains("web;mmap 300\n", folded);
        Assert.Contains("web;user 100\n", folded);
    }

    [Fact]
    public void A_name_cannot_make_a_frame_of_its_own()
    {
        TraceEvent[] events =
        [
            TimelineEvents.At(0, 0, 1, Tracepoint.TaskNewTask, "a;b c", 5, 5),
            TimelineEvents.At(9, 0, 1, Tracepoint.Note, ""),
        ];
        Assert.Equal("a:b c;runqueue 9\n", Folded(events));
    }

    private static string Folded(TraceEvent[] events)
    {
        using var stream = new MemoryStream();
        using (var stacks = new FoldedStacks(stream))
            stacks.Take(events);
        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
