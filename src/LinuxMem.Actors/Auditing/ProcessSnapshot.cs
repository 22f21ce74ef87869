using LinuxMem.Audit.Snapshots;
using LinuxMem.Mm.Tasks;

namespace LinuxMem.Actors.Auditing;

/// <summary>Whose children processes are, and who waits for a futex.</summary>
internal sealed class ProcessSnapshot
{
    private readonly HashSet<int> known = [];

    /// <summary>Adds it to a snapshot.</summary>
    public void Fill(Mm.Kernel kernel, MachineSnapshot into)
    {
        known.Clear();
        kernel.Futexes.ListTasks(known);
        foreach (ThreadGroup group in kernel.Tasks.Groups)
        {
            if (group is { Parent: { } parent, WasWaitedFor: false })
                into.Processes.Add(new ProcessRecord { Id = IdOf(group), Parent = IdOf(parent) });
            foreach (ThreadGroup child in group.Children)
            {
                into.Children.Add(new ChildRecord
                {
                    Parent = IdOf(group),
                    Child = IdOf(child),
                    WasWaitedFor = child.WasWaitedFor,
                });
            }

            foreach (TaskStruct task in group.Tasks)
            {
                if (task is { State: TaskState.WaitingForFile, Suspended.WaitsForFutex: true })
                    into.FutexWaits.Add(new FutexWaitRecord { Tid = task.Tid, IsKnown = known.Contains(task.Tid) });
            }
        }
    }

    private static long IdOf(ThreadGroup group) => ((long)group.Pid << 32) | (uint)group.Incarnation;
}
