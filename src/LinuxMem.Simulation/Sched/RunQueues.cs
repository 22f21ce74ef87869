namespace LinuxMem.Simulation.Sched;

/// <summary>
/// Who runs next: a first-come queue per CPU, with placement of new and woken tasks and pulling by idle CPUs.
/// </summary>
/// <remarks>
/// Holds numbers of tasks, not tasks. Deterministic: ties go to the lower CPU number. Linux's fair scheduler is not
/// modelled, only what matters to memory: slices, placement, migration.
/// </remarks>
public sealed class RunQueues
{
    private readonly Queue<int>[] queues;
    private readonly int[] running;

    /// <summary>Empty queues for so many CPUs.</summary>
    public RunQueues(int cpus)
    {
        queues = new Queue<int>[cpus];
        for (int i = 0; i < cpus; i++)
            queues[i] = new Queue<int>();
        running = new int[cpus];
    }

    /// <summary>The task that a CPU runs; 0 for none.</summary>
    public int RunningOn(int cpu) => running[cpu];

    /// <summary>Whether anybody waits for a CPU.</summary>
    public bool HasWaiting(int cpu) => queues[cpu].Count > 0;

    /// <summary>
    /// Chooses the CPU for a task that becomes runnable: the one it ran on last if that is idle, else the first idle
    /// one, else the one with the shortest queue, the last one's own if that is as short. -1 as last says that it never
    /// ran.
    /// </summary>
    public int Place(int lastCpu)
    {
        if (lastCpu >= 0 && IsFree(lastCpu))
            return lastCpu;
        int best = lastCpu >= 0 ? lastCpu : 0;
        for (int cpu = 0; cpu < queues.Length; cpu++)
        {
            if (IsFree(cpu))
                return cpu;
            if (queues[cpu].Count < queues[best].Count)
                best = cpu;
        }

        return best;
    }

    /// <summary>Whether a CPU has neither a task nor one waiting.</summary>
    public bool IsFree(int cpu) => running[cpu] == 0 && queues[cpu].Count == 0;

    /// <summary>Appends a task to a CPU's queue.</summary>
    public void Enqueue(int cpu, int tid) => queues[cpu].Enqueue(tid);

    /// <summary>
    /// Takes the next task for a CPU: from its own queue, else from the longest other one; 0 if nobody waits. It is the
    /// CPU's running task from now on.
    /// </summary>
    public int PickNext(int cpu)
    {
        if (!queues[cpu].TryDequeue(out int tid))
        {
            int busiest = -1;
            for (int other = 0; other < queues.Length; other++)
            {
                if (queues[other].Count > (busiest < 0 ? 0 : queues[busiest].Count))
                    busiest = other;
            }

            tid = busiest < 0 ? 0 : queues[busiest].Dequeue();
        }

        running[cpu] = tid;
        return tid;
    }

    /// <summary>The CPU's task leaves it (blocked, ended or preempted).</summary>
    public void Leave(int cpu) => running[cpu] = 0;
}
