using LinuxMem.Simulation.Tracing;

namespace LinuxMem.Actors.Tests.Tracing;

/// <summary>Checks that what begins ends, once, and in between nothing else of its kind begins.</summary>
internal static class EventPairs
{
    public static void Check(IEnumerable<TraceEvent> events)
    {
        Dictionary<int, long> faults = [], calls = [], onCpu = [];
        HashSet<int> alive = [];
        Dictionary<int, (string? Class, long Instance)> waits = [];
        HashSet<long> ios = [], zones = [];
        HashSet<(long Device, long Number)> requests = [];
        foreach (TraceEvent told in events)
        {
            int tid = told.Tid;
            switch (told.Point)
            {
                case Tracepoint.TaskNewTask:
                    Assert.True(alive.Add((int)told.Numbers[0]));
                    break;
                case Tracepoint.SchedProcessExit:
                    Assert.True(alive.Remove((int)told.Numbers[0]));
                    calls.Remove((int)told.Numbers[0]);
                    Assert.False(waits.ContainsKey((int)told.Numbers[0]), $"task {told.Numbers[0]} ends in a wait");
                    break;
                case Tracepoint.ContentionBegin:
                    Assert.True(waits.TryAdd(tid, (told.Text, told.Numbers[0])),
                        $"task {tid} waits for {told.Text} and {waits.GetValueOrDefault(tid)} at {told.AtNs} ns");
                    break;
                case Tracepoint.ContentionEnd:
                    Assert.True(waits.Remove(tid, out var waited) && waited == (told.Text, told.Numbers[0]));
                    break;
                case Tracepoint.PageFaultUser or Tracepoint.PageFaultRetry:
                    Assert.True(faults.TryAdd(tid, told.Numbers[0]), $"task {tid} faults in a fault");
                    break;
                case Tracepoint.PageFaultDone:
                    Assert.True(faults.Remove(tid, out long address) && address == told.Numbers[0]);
                    break;
                case Tracepoint.SysEnter:
                    Assert.True(calls.TryAdd(tid, told.Numbers[0]), $"task {tid} calls in a call");
                    break;
                case Tracepoint.SysExit:
                    Assert.True(calls.Remove(tid, out long nr) && nr == told.Numbers[0]);
                    break;
                case Tracepoint.SchedSwitch:
                    Assert.Equal(onCpu.GetValueOrDefault(told.Cpu), told.Numbers[0]);
                    onCpu[told.Cpu] = told.Numbers[1];
                    break;
                case Tracepoint.BlockBioQueue:
                    Assert.True(ios.Add(told.Numbers[4]));
                    break;
                case Tracepoint.BlockBioComplete:
                    Assert.True(ios.Remove(told.Numbers[4]));
                    break;
                case Tracepoint.BlockRqIssue:
                    Assert.True(requests.Add((told.Numbers[0], told.Numbers[4])));
                    break;
                case Tracepoint.BlockRqComplete:
                    Assert.True(requests.Remove((told.Numbers[0], told.Numbers[4])));
                    break;
                case Tracepoint.CompactionBegin:
                    Assert.True(zones.Add(told.Numbers[0]));
                    break;
                case Tracepoint.CompactionEnd:
                    Assert.True(zones.Remove(told.Numbers[0]));
                    break;
            }
        }

        Assert.Empty(faults);
    }
}
