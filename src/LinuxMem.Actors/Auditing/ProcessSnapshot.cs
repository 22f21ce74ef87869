using LinuxMem.Audit.Snapshots;
using LinuxMem.Mm.Tasks;

namespace LinuxMem.Actors.Auditing;

/// <summary>Whose children processes are, who waits for a futex, which frames are never to be used again.</summary>
internal sealed class ProcessSnapshot
{
    private readonly HashSet<int> known = [];

    /// <summary>
    /// Adds it to a snapshot. Processes that have ended and are in nobody's list are looked for at the end only: there
    /// may be many.
    /// </summary>
    public void Fill(Mm.Kernel kernel, MachineSnapshot into, bool ending)
    {
        if (kernel.Memory.Struck.Count > 0)
        {
            foreach (uint pfn in kernel.Memory.Struck)
                into.Struck.Add(pfn);
        }

        known.Clear();
        kernel.Futexes.ListTasks(known);
        foreach (TaskStruct task in kernel.Tasks.Living)
        {
            if (task is { State: TaskState.WaitingForFile, Suspended.WaitsForFutex: true })
                into.FutexWaits.Add(new FutexWaitRecord { Tid = task.Tid, IsKnown = known.Contains(task.Tid) });
            // Once for each process.
            if (task.Group.Tasks[0] != task)
                continue;
            if (!ending)
                AddProcess(task.Group, into);
            foreach (ThreadGroup child in task.Group.Children)
            {
                if (!ending && child.IsDead)
                    AddProcess(child, into);
                into.Children.Add(new ChildRecord
                {
                    Parent = IdOf(task.Group),
                    Child = IdOf(child),
                    WasWaitedFor = child.WasWaitedFor,
                });
            }
        }

        if (!ending)
            return;
        foreach (ThreadGroup group in kernel.Tasks.Groups)
            AddProcess(group, into);
    }

    private static void AddProcess(ThreadGroup group, MachineSnapshot into)
    {
        if (group is { Parent: { } parent, WasWaitedFor: false })
            into.Processes.Add(new ProcessRecord { Id = IdOf(group), Parent = IdOf(parent) });
    }

    private static long IdOf(ThreadGroup group) => ((long)group.Pid << 32) | (uint)group.Incarnation;
}
