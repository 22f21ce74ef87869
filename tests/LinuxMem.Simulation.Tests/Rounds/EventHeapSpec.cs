using CsCheck;
using LinuxMem.Simulation.Rounds;

namespace LinuxMem.Simulation.Tests.Rounds;

public class EventHeapSpec
{
    [Fact]
    public void Nothing_is_planned_at_first()
    {
        var heap = new EventHeap();
        Assert.Equal(0, heap.Count);
        Assert.Equal(long.MaxValue, heap.NextAtNs);
    }

    [Fact]
    public void Events_come_in_order_of_time()
    {
        var heap = new EventHeap();
        heap.Plan(30, EventKind.WakeTask, 3);
        heap.Plan(10, EventKind.StartProcess, 1);
        heap.Plan(20, EventKind.GatherDone, 2);
        Assert.Equal(10, heap.NextAtNs);
        Assert.Equal([1, 2, 3], Drain(heap).Select(due => due.Argument));
    }

    [Fact]
    public void Events_of_one_moment_come_in_the_order_of_planning_whatever_their_kind()
    {
        var heap = new EventHeap();
        heap.Plan(5, EventKind.GatherDone, 9);
        heap.Plan(5, EventKind.StartProcess, 1);
        heap.Plan(5, EventKind.WakeTask, 4);
        heap.Plan(5, EventKind.StartProcess, 0);
        Assert.Equal([9, 1, 4, 0], Drain(heap).Select(due => due.Argument));
    }

    [Fact]
    public void Whether_only_alarms_of_a_kind_and_stale_events_are_left_can_be_asked()
    {
        var heap = new EventHeap();
        static bool IsWake(TimedEvent planned) => planned.Kind == EventKind.WakeTask;
        heap.SetAlarm(EventKind.KsmStep, 0, 5);
        heap.Plan(7, EventKind.WakeTask, 1);
        Assert.True(heap.HasOnly(EventKind.KsmStep, IsWake));
        Assert.False(heap.HasOnly(EventKind.FlusherStep, IsWake));
        heap.Plan(6, EventKind.GatherDone, 1);
        Assert.False(heap.HasOnly(EventKind.KsmStep, IsWake));
    }

    [Fact]
    public void An_alarm_comes_before_the_events_of_its_moment_and_can_be_set_anew()
    {
        var heap = new EventHeap();
        heap.SetAlarm(EventKind.DeviceDone, 1, 5);
        heap.SetAlarm(EventKind.DeviceDone, 0, 9);
        heap.Plan(5, EventKind.WakeTask, 7);
        heap.SetAlarm(EventKind.DeviceDone, 0, 5);
        Assert.Equal((3, 5L), (heap.Count, heap.NextAtNs));
        Assert.Equal([0, 1, 7], Drain(heap).Select(due => due.Argument));
        heap.SetAlarm(EventKind.DeviceDone, 0, 3);
        heap.SetAlarm(EventKind.DeviceDone, 0, long.MaxValue);
        Assert.Equal((0, long.MaxValue), (heap.Count, heap.NextAtNs));
    }

    [Fact]
    public void Looking_at_an_event_leaves_it_planned()
    {
        var heap = new EventHeap();
        heap.Plan(7, EventKind.WakeTask, 2);
        Assert.Equal(new TimedEvent(7, 0, EventKind.WakeTask, 2), heap.Peek());
        Assert.Equal(heap.Peek(), heap.Pop());
        Assert.Equal(0, heap.Count);
        Assert.Equal(long.MaxValue, heap.NextAtNs);
    }

    /// <summary>Plans and takes events at random; -1 takes one. A sorted list knows the answer.</summary>
    [Fact]
    public void The_heap_agrees_with_a_sorted_list() =>
        Gen.Frequency((3, Gen.Long[0, 20]), (2, Gen.Const(-1L))).Array[0, 200].Sample(steps =>
        {
            var heap = new EventHeap();
            var list = new List<(long AtNs, int Number)>();
            for (int i = 0; i < steps.Length; i++)
            {
                if (steps[i] >= 0)
                {
                    heap.Plan(steps[i], EventKind.WakeTask, i);
                    list.Add((steps[i], i));
                }
                else if (list.Count > 0)
                {
                    (long, int) first = list.Min();
                    list.Remove(first);
                    TimedEvent taken = heap.Pop();
                    Assert.Equal(first, (taken.AtNs, taken.Argument));
                }

                Assert.Equal(list.Count, heap.Count);
                Assert.Equal(list.Count == 0 ? long.MaxValue : list.Min().AtNs, heap.NextAtNs);
            }
        });

    private static List<TimedEvent> Drain(EventHeap heap)
    {
        var all = new List<TimedEvent>();
        while (heap.Count > 0)
            all.Add(heap.Pop());
        return all;
    }
}
