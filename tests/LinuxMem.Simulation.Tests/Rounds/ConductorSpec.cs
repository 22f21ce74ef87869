using LinuxMem.Simulation.Rounds;

namespace LinuxMem.Simulation.Tests.Rounds;

public class ConductorSpec
{
    private const int IpiNs = 20;
    private readonly Conductor conductor = new(cpus: 4, windowNs: 1000, ipiNs: IpiNs);

    [Fact]
    public void There_is_nothing_to_do_at_first()
    {
        Assert.Equal(4, conductor.CpuCount);
        Assert.False(conductor.TryNext(out _, out _));
        Assert.Equal(long.MaxValue, conductor.EarliestNs());
        Assert.Equal(CpuPhase.Idle, conductor.PhaseOf(3));
    }

    [Fact]
    public void Traps_are_served_in_order_of_time()
    {
        Trap(0, 30);
        Trap(1, 10);
        Trap(2, 20);
        Assert.Equal([(10, 1), (20, 2), (30, 0)], ServeAll());
    }

    [Fact]
    public void Of_traps_at_one_moment_the_lower_cpu_comes_first()
    {
        Trap(3, 10);
        Trap(1, 10);
        Trap(2, 10);
        Assert.Equal([(10, 1), (10, 2), (10, 3)], ServeAll());
    }

    [Fact]
    public void An_event_comes_before_the_traps_of_its_moment_and_after_earlier_ones()
    {
        Trap(0, 10);
        Trap(1, 9);
        conductor.Events.Plan(10, EventKind.WakeTask, 7);
        Assert.Equal([(9, 1), (10, -1), (10, 0)], ServeAll());
    }

    [Fact]
    public void An_event_stays_planned_until_it_is_taken()
    {
        conductor.Events.Plan(10, EventKind.WakeTask, 7);
        Assert.True(conductor.TryNext(out _, out _));
        Assert.True(conductor.TryNext(out long atNs, out int cpu));
        Assert.Equal((10, -1, 1), (atNs, cpu, conductor.Events.Count));
    }

    [Fact]
    public void No_trap_is_served_while_another_cpu_could_trap_before_it()
    {
        conductor.Resume(2, 9);
        Trap(0, 10);
        Assert.False(conductor.TryNext(out _, out _));
        conductor.Report(2, 11, trapped: false);
        Assert.True(conductor.TryNext(out long atNs, out int cpu));
        Assert.Equal((10, 0), (atNs, cpu));
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(3, true)]
    public void At_one_moment_a_running_cpu_holds_up_traps_of_higher_cpus_only(int running, bool isServed)
    {
        conductor.Resume(running, 10);
        Trap(1, 10);
        Assert.Equal(isServed, conductor.TryNext(out _, out _));
    }

    [Fact]
    public void An_event_waits_for_cpus_that_have_not_come_so_far()
    {
        conductor.Events.Plan(10, EventKind.WakeTask, 7);
        conductor.Resume(3, 9);
        Assert.False(conductor.TryNext(out _, out _));
        conductor.Report(3, 10, trapped: false);
        Assert.True(conductor.TryNext(out _, out int cpu));
        Assert.Equal(-1, cpu);
    }

    [Fact]
    public void Idle_cpus_hold_nothing_up()
    {
        conductor.Idle(0, 5);
        Trap(1, 10);
        Assert.Equal([(10, 1)], ServeAll());
    }

    [Fact]
    public void What_was_served_late_waits_for_the_resumption_of_what_was_served_before()
    {
        Trap(0, 10);
        Trap(1, 40);
        Assert.True(conductor.TryNext(out long atNs, out _));
        conductor.Serve(atNs);
        conductor.Resume(0, 30);
        Assert.False(conductor.TryNext(out _, out _));
        Assert.Equal(30, conductor.EarliestNs());
    }

    [Fact]
    public void The_earliest_moment_is_that_of_a_cpu_or_an_event()
    {
        conductor.Events.Plan(50, EventKind.WakeTask, 7);
        conductor.Idle(0, 1);
        Assert.Equal(50, conductor.EarliestNs());
        conductor.Resume(1, 60);
        Assert.Equal(50, conductor.EarliestNs());
        Trap(2, 40);
        Assert.Equal(40, conductor.EarliestNs());
    }

    [Theory]
    [InlineData(1000, false, 1100)]
    [InlineData(1000, true, 100 + IpiNs)]
    [InlineData(5, false, 105)]
    [InlineData(5, true, 105)]
    public void A_cpu_that_others_can_reach_runs_no_further_than_an_interrupt_takes(
        long windowNs, bool reachable, long expected) =>
        Assert.Equal(expected, new Conductor(2, windowNs, IpiNs).HorizonNs(100, reachable));

    [Fact]
    public void The_served_moments_never_go_back()
    {
        conductor.Serve(10);
        conductor.Serve(10);
        Assert.Equal(10, conductor.ServedNs);
        Violates(() => conductor.Serve(9));
    }

    [Fact]
    public void A_clock_never_goes_back()
    {
        conductor.Resume(1, 100);
        Violates(() => conductor.Report(1, 99, trapped: false));
        Violates(() => conductor.Resume(1, 99));
        Violates(() => conductor.Idle(1, 99));
        Assert.Equal(100, conductor.ClockOf(1));
        conductor.Report(1, 100, trapped: true);
        conductor.Idle(1, 100);
        conductor.Resume(1, 100);
        Assert.Equal(CpuPhase.Runnable, conductor.PhaseOf(1));
    }

    private static void Violates(Action action) =>
        Assert.StartsWith("I44 violated", Assert.Throws<KernelBug>(action).Message, StringComparison.Ordinal);

    private void Trap(int cpu, long atNs) => conductor.Report(cpu, atNs, trapped: true);

    // Serves everything; a served CPU idles.
    private List<(long AtNs, int Cpu)> ServeAll()
    {
        var order = new List<(long, int)>();
        while (conductor.TryNext(out long atNs, out int cpu))
        {
            conductor.Serve(atNs);
            order.Add((atNs, cpu));
            if (cpu < 0)
                conductor.Events.Pop();
            else
                conductor.Idle(cpu, atNs);
        }

        return order;
    }
}
