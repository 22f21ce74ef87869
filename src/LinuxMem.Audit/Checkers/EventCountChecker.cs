using LinuxMem.Audit.Indexes;
using LinuxMem.Audit.Snapshots;

namespace LinuxMem.Audit.Checkers;

/// <summary>
/// Verifies I30: what /proc/vmstat counts adds up. Frames allocated less frames freed are those in use; faults of
/// processes add up to the machine's, but for those that ended in a signal, which only the machine counts; and no more
/// faults were major than there were; as many tasks wait for memory and disks as pressure stall information says. At
/// rest disks have done what they were asked for, and what was for swap.
/// </summary>
internal sealed class EventCountChecker : IChecker
{
    /// <inheritdoc/>
    public IReadOnlyList<string> Ids { get; } = ["I30"];

    /// <inheritdoc/>
    public void Check(SnapshotIndex index, ViolationSink sink)
    {
        MachineSnapshot snapshot = index.Snapshot;
        ref CounterRecord counters = ref snapshot.Counters;
        if (counters.MajorFaults > counters.Faults)
            sink.Report("I30", $"{counters.MajorFaults} of {counters.Faults} faults are major");
        if (counters.TaskFaults > counters.Faults || counters.TaskMajorFaults != counters.MajorFaults)
        {
            sink.Report("I30", $"processes had {counters.TaskFaults} faults, {counters.TaskMajorFaults} of them major; "
                + $"the machine counts {counters.Faults} and {counters.MajorFaults}");
        }

        long forMemory = 0, forIo = 0;
        foreach (ref WaitRecord wait in snapshot.Waits.Items)
        {
            forMemory += wait.IsForMemory ? 1 : 0;
            forIo += wait.IsForIo ? 1 : 0;
        }

        if ((counters.StalledForMemory, counters.StalledForIo) != (forMemory, forIo))
        {
            sink.Report("I30", $"pressure counts {counters.StalledForMemory} tasks that wait for memory and "
                + $"{counters.StalledForIo} for disks; {forMemory} and {forIo} do");
        }

        if (snapshot.Engine.Quiescent && counters.Devices is { } devices)
            CheckDevices(in counters, in devices, sink);
        long free = snapshot.PcpPages.Count;
        foreach (ref FreeBlockRecord block in snapshot.FreeBlocks.Items)
            free += 1L << (block.Order & 31);
        long used = snapshot.TotalFrames - free - snapshot.FramesReservedAtBoot;
        if (counters.Allocated - counters.Freed != used)
        {
            sink.Report("I30", $"{counters.Allocated} frames were allocated and {counters.Freed} freed, and "
                + $"{used} are in use");
        }
    }

    private static void CheckDevices(in CounterRecord counters, in DeviceSectors devices, ViolationSink sink)
    {
        if (counters.SectorsIn != devices.Read || counters.SectorsOut != devices.Written)
        {
            sink.Report("I30", $"{counters.SectorsIn} sectors were asked for and {counters.SectorsOut} written; disks "
                + $"have read {devices.Read} and written {devices.Written}");
        }

        bool known = devices is { SwapRead: >= 0, SwapWritten: >= 0 };
        if (known && (counters.SwapSectorsIn != devices.SwapRead || counters.SwapSectorsOut != devices.SwapWritten))
        {
            sink.Report("I30", $"pswpin and pswpout are {counters.SwapSectorsIn}, {counters.SwapSectorsOut} sectors; "
                + $"disks have read {devices.SwapRead} and written {devices.SwapWritten} of swap");
        }
    }
}
