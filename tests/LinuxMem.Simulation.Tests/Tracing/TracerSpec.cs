using LinuxMem.Simulation.Tracing;

namespace LinuxMem.Simulation.Tests.Tracing;

public class TracerSpec
{
    [Fact]
    public void What_lies_ahead_is_handed_on_when_the_machine_has_come_there()
    {
        var ring = new TraceRing(10);
        var tracer = new Tracer(ring);
        tracer.Advance(100);
        tracer.Act(2, 7, 8);
        tracer.EmitAt(300, 1, 5, 6, Tracepoint.Note, 1);
        tracer.Emit(Tracepoint.Note, 2);
        tracer.EmitAt(200, 1, 5, 6, Tracepoint.Note, 3);
        tracer.Advance(200);
        tracer.Emit(Tracepoint.Note, 4);
        tracer.Flush();
        Assert.Equal([(100L, 2L), (200, 3), (200, 4), (300, 1)], ring.Last.Select(e => (e.AtNs, e.Numbers[0])));
        Assert.Equal((2, 7, 8), (ring.Last[0].Cpu, ring.Last[0].Pid, ring.Last[0].Tid));
        Assert.Equal(4, ring.Taken);
    }

    [Fact]
    public void Events_of_one_moment_stay_in_the_order_of_telling()
    {
        var ring = new TraceRing(100);
        var tracer = new Tracer(ring);
        for (int i = 0; i < 50; i++)
            tracer.EmitAt(1000, 0, 0, 0, Tracepoint.Note, i);
        tracer.Flush();
        Assert.Equal(Enumerable.Range(0, 50).Select(i => (long)i), ring.Last.Select(e => e.Numbers[0]));
    }

    [Fact]
    public void A_ring_keeps_the_last_events()
    {
        var ring = new TraceRing(3);
        var tracer = new Tracer(ring);
        for (int i = 0; i < Tracer.BlockEvents + 10; i++)
            tracer.Emit(Tracepoint.Note, i);
        tracer.Flush();
        Assert.Equal(Tracer.BlockEvents + 10, ring.Taken);
        Assert.Equal([2055L, 2056, 2057], ring.Last.Select(e => e.Numbers[0]));
    }

    [Fact]
    public void The_past_cannot_be_told()
    {
        var tracer = new Tracer(new TraceRing(1));
        tracer.Advance(10);
        Assert.Throws<KernelBug>(() => tracer.EmitAt(9, 0, 0, 0, Tracepoint.Note));
    }

    [Fact]
    public void Telling_allocates_nothing()
    {
        var tracer = new Tracer(new Counter());
        Tell(0);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int round = 1; round < 50; round++)
            Tell(round);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());

        void Tell(int round)
        {
            tracer.Advance(round * 100_000L);
            for (int i = 0; i < 3000; i++)
            {
                tracer.Emit(Tracepoint.MmPageAlloc, i, 0, 1, 2);
                tracer.EmitAt(tracer.NowNs + 5000 + i, 1, 2, 3, Tracepoint.PageFaultDone, i, text: "CowCopy");
            }
        }
    }

    [Fact]
    public void Every_kind_has_a_name_and_fields_that_an_event_can_carry()
    {
        Assert.Equal(Enum.GetValues<Tracepoint>(), Tracepoints.All.Select(info => info.Point));
        foreach (TracepointInfo info in Tracepoints.All)
        {
            Assert.Matches("^[a-z_]+:[a-z_]+$", info.FullName);
            Assert.All(info.Fields, field => Assert.InRange(field.Index, 0, TraceNumbers.Count - 1));
            Assert.Equal(info.Fields.Length, info.Fields.Select(field => field.Name).Distinct().Count());
            Assert.True(Tracepoints.TryFind(info.Name, out Tracepoint found) && found == info.Point);
        }
    }

    [Fact]
    public void A_filter_goes_by_moment_kind_and_process()
    {
        var told = new TraceEvent { AtNs = 50, Pid = 3, Point = Tracepoint.SchedSwitch };
        Assert.True(TraceFilter.All.Wants(told));
        Assert.True(new TraceFilter { FromNs = 50, ToNs = 51 }.Wants(told));
        Assert.False(new TraceFilter { FromNs = 51 }.Wants(told));
        Assert.False(new TraceFilter { ToNs = 50 }.Wants(told));
        Assert.False(new TraceFilter { Pids = new HashSet<int> { 4 } }.Wants(told));
        Assert.False(new TraceFilter { Points = new HashSet<Tracepoint> { Tracepoint.Note } }.Wants(told));
    }

    private sealed class Counter : ITraceSink
    {
        public long Taken { get; private set; }

        public void Take(ReadOnlySpan<TraceEvent> events) => Taken += events.Length;
    }
}
