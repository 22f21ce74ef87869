using CsCheck;
using LinuxMem.Simulation.Sched;

namespace LinuxMem.Simulation.Tests.Sched;

public class RunQueuesSpec
{
    private readonly RunQueues queues;
    private readonly Dictionary<int, CpuMask> affinity = [];

    public RunQueuesSpec() => queues = new RunQueues(3, tid => affinity.GetValueOrDefault(tid));

    [Fact]
    public void A_task_is_placed_on_a_cpu_that_it_may_run_on_even_if_others_are_idle()
    {
        Run(2, 10);
        Assert.Equal(2, queues.Place(lastCpu: 0, CpuMask.Of(2)));
        Assert.Equal(1, queues.Place(lastCpu: 0, CpuMask.Of(1, 2)));
    }

    [Fact]
    public void An_idle_cpu_pulls_only_what_may_run_there()
    {
        affinity[11] = CpuMask.Of(0);
        queues.Enqueue(0, 11);
        queues.Enqueue(0, 12);
        Assert.Equal(12, queues.PickNext(1));
        Assert.Equal(0, queues.PickNext(2));
        Assert.Equal(11, queues.PickNext(0));
    }

    [Fact]
    public void Balancing_takes_a_task_over_from_a_queue_that_is_longer_by_two()
    {
        Run(1, 9);
        queues.Enqueue(0, 11);
        queues.Balance(1);
        Assert.False(queues.HasWaiting(1));
        queues.Enqueue(0, 12);
        queues.Balance(1);
        Assert.True(queues.HasWaiting(1));
        Assert.Equal(11, queues.PickNext(1));
    }

    [Fact]
    public void A_cpu_that_is_gone_gets_nothing_and_gives_up_who_waits()
    {
        queues.Enqueue(1, 11);
        queues.Enqueue(1, 12);
        queues.SetOnline(1, false);
        Assert.Equal(11, queues.TakeWaiting(1));
        Assert.Equal(12, queues.TakeWaiting(1));
        Assert.Equal(0, queues.TakeWaiting(1));
        Assert.Equal(0, queues.Place(lastCpu: 1));
        Assert.Equal(0, queues.PickNext(1));
        Assert.False(queues.IsFree(1));
        queues.SetOnline(1, true);
        Assert.Equal(1, queues.Place(lastCpu: 1));
    }

    [Fact]
    public void A_task_whose_cpus_are_all_gone_may_run_anywhere()
    {
        queues.SetOnline(2, false);
        Assert.Equal(0, queues.Place(lastCpu: 2, CpuMask.Of(2)));
    }

    [Fact]
    public void Masks_reach_beyond_a_word()
    {
        CpuMask mask = CpuMask.Of(3, 64, 130);
        Assert.Equal(3, mask.Count);
        Assert.True(mask.Has(130) && mask.Has(64) && !mask.Has(65) && !mask.Has(1000));
        Assert.Equal(2, mask.With(64, isIn: false).Count);
        Assert.Equal(1, mask.And(CpuMask.All(64)).Count);
    }

    [Fact]
    public void A_new_task_gets_the_first_idle_cpu()
    {
        Assert.Equal(0, queues.Place(lastCpu: -1));
        Run(0, 10);
        Assert.Equal(1, queues.Place(lastCpu: -1));
    }

    [Fact]
    public void A_task_returns_to_its_last_cpu_if_that_is_idle() => Assert.Equal(2, queues.Place(lastCpu: 2));

    [Fact]
    public void A_task_whose_last_cpu_is_busy_gets_the_first_idle_one()
    {
        Run(2, 10);
        Assert.Equal(0, queues.Place(lastCpu: 2));
    }

    [Fact]
    public void A_cpu_with_a_waiting_task_is_not_idle()
    {
        queues.Enqueue(0, 10);
        Assert.False(queues.IsFree(0));
        Assert.True(queues.HasWaiting(0));
        Assert.Equal(1, queues.Place(lastCpu: 0));
    }

    [Fact]
    public void Where_all_are_busy_the_shortest_queue_is_taken_and_of_equals_the_last_cpus_own_then_the_lowest()
    {
        for (int cpu = 0; cpu < 3; cpu++)
            Run(cpu, 10 + cpu);
        Assert.Equal(1, queues.Place(lastCpu: 1));
        Assert.Equal(0, queues.Place(lastCpu: -1));
        queues.Enqueue(1, 20);
        Assert.Equal(0, queues.Place(lastCpu: 1));
        queues.Enqueue(0, 21);
        Assert.Equal(2, queues.Place(lastCpu: 1));
    }

    [Fact]
    public void Tasks_run_in_the_order_in_which_they_came()
    {
        foreach (int tid in new[] { 5, 3, 4 })
            queues.Enqueue(1, tid);
        Assert.Equal([5, 3, 4, 0], new[] { Pick(1), Pick(1), Pick(1), Pick(1) });
    }

    [Fact]
    public void The_picked_task_runs_until_it_leaves()
    {
        Run(0, 10);
        Assert.Equal(10, queues.RunningOn(0));
        Assert.False(queues.IsFree(0));
        queues.Leave(0);
        Assert.Equal(0, queues.RunningOn(0));
        Assert.True(queues.IsFree(0));
    }

    [Fact]
    public void An_idle_cpu_pulls_from_the_longest_queue_and_of_equals_from_the_lowest_cpus()
    {
        queues.Enqueue(0, 10);
        queues.Enqueue(2, 30);
        queues.Enqueue(2, 31);
        Assert.Equal(30, Pick(1));
        Assert.Equal(10, Pick(1));
        Assert.Equal(31, Pick(1));
        Assert.Equal(0, Pick(1));
    }

    [Fact]
    public void A_cpu_serves_its_own_queue_before_it_pulls()
    {
        queues.Enqueue(1, 20);
        queues.Enqueue(0, 10);
        queues.Enqueue(0, 11);
        Assert.Equal(20, Pick(1));
    }

    [Fact]
    public void Tasks_that_are_preempted_share_the_cpu_in_turns()
    {
        var ran = new List<int>();
        foreach (int tid in new[] { 1, 2, 3 })
            queues.Enqueue(0, tid);
        for (int slice = 0; slice < 9; slice++)
        {
            int tid = Pick(0);
            ran.Add(tid);
            queues.Enqueue(0, tid);
        }

        Assert.Equal([1, 2, 3, 1, 2, 3, 1, 2, 3], ran);
    }

    /// <summary>
    /// Tasks come, are preempted and block at random: none is lost or runs twice, no CPU idles while one waits, and
    /// none is passed over by one that came to its queue later.
    /// </summary>
    [Fact]
    public void No_task_is_lost_or_starved() =>
        Gen.Int[1, 6].Select(Gen.Int[0, 1000].Array[1, 300]).Sample((cpus, steps) =>
        {
            var fuzzed = new RunQueues(cpus);
            var waiting = new List<(int Cpu, int Tid)>();
            var last = new Dictionary<int, int>();
            int nextTid = 1;
            foreach (int step in steps)
            {
                int cpu = step % cpus;
                if (step < 500)
                    Enqueue(fuzzed, waiting, fuzzed.Place(last.GetValueOrDefault(nextTid, -1)), nextTid++);
                else
                    Switch(fuzzed, waiting, last, cpu, preempted: step < 800);
                for (int k = 0; k < cpus; k++)
                    Assert.Equal(waiting.Any(w => w.Cpu == k), fuzzed.HasWaiting(k));
            }
        });

    private static void Enqueue(RunQueues queues, List<(int Cpu, int Tid)> waiting, int cpu, int tid)
    {
        queues.Enqueue(cpu, tid);
        waiting.Add((cpu, tid));
    }

    private static void Switch(RunQueues queues, List<(int Cpu, int Tid)> waiting, Dictionary<int, int> last,
        int cpu, bool preempted)
    {
        int before = queues.RunningOn(cpu);
        queues.Leave(cpu);
        if (before != 0 && preempted)
            Enqueue(queues, waiting, cpu, before);
        int tid = queues.PickNext(cpu);
        Assert.Equal(tid, queues.RunningOn(cpu));
        if (tid == 0)
        {
            Assert.Empty(waiting);
            return;
        }

        int at = waiting.FindIndex(w => w.Tid == tid);
        Assert.True(at >= 0, $"task {tid} was not waiting");
        int from = waiting[at].Cpu;
        Assert.Equal(at, waiting.FindIndex(w => w.Cpu == from));
        if (waiting.Any(w => w.Cpu == cpu))
            Assert.Equal(cpu, from);
        waiting.RemoveAt(at);
        last[tid] = cpu;
    }

    private void Run(int cpu, int tid)
    {
        queues.Enqueue(cpu, tid);
        Assert.Equal(tid, queues.PickNext(cpu));
    }

    private int Pick(int cpu)
    {
        queues.Leave(cpu);
        return queues.PickNext(cpu);
    }
}
