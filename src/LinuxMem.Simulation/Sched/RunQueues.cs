namespace LinuxMem.Simulation.Sched;

/// <summary>
/// Who runs next: a first-come queue per CPU, with placement of new and woken tasks, pulling by idle CPUs, balancing at
/// the end of slices, affinity, and CPUs that come and go.
/// </summary>
/// <remarks>
/// Holds numbers of tasks, not tasks. Deterministic: ties go to the lower CPU number. Linux's fair scheduler is not
/// modelled, only what matters to memory: slices, placement, migration. Linux: kernel/sched/fair.c:
/// select_task_rq_fair, sched_balance_newidle, sched_balance_rq; kernel/sched/core.c: select_fallback_rq, v6.18.
/// </remarks>
public sealed class RunQueues
{
    private readonly TaskQueue[] queues;
    private readonly int[] running;
    private readonly bool[] offline;
    private readonly Func<int, CpuMask?> affinityOf;

    /// <summary>Empty queues for so many CPUs.</summary>
    /// <param name="cpus">How many.</param>
    /// <param name="affinityOf">Where a task may run; null for everywhere.</param>
    public RunQueues(int cpus, Func<int, CpuMask?>? affinityOf = null)
    {
        queues = new TaskQueue[cpus];
        for (int i = 0; i < cpus; i++)
            queues[i] = new TaskQueue();
        running = new int[cpus];
        offline = new bool[cpus];
        this.affinityOf = affinityOf ?? (_ => null);
    }

    /// <summary>The task that a CPU runs; 0 for none.</summary>
    public int RunningOn(int cpu) => running[cpu];

    /// <summary>Whether anybody waits for a CPU.</summary>
    public bool HasWaiting(int cpu) => queues[cpu].Count > 0;

    /// <summary>Whether a CPU is there.</summary>
    public bool IsOnline(int cpu) => !offline[cpu];

    /// <summary>Whether a task may run on a CPU, which is there.</summary>
    public bool MayRun(int cpu, CpuMask? affinity) => !offline[cpu] && (affinity is null || affinity.Has(cpu));

    /// <summary>
    /// Chooses the CPU for a task that becomes runnable: the one it ran on last if that is idle, else the first idle
    /// one, else the one with the shortest queue, the last one's own if that is as short. -1 as last says that it never
    /// ran. Where none of the CPUs that it may run on is there, any other serves.
    /// </summary>
    public int Place(int lastCpu, CpuMask? affinity = null)
    {
        if (lastCpu >= 0 && IsFree(lastCpu) && MayRun(lastCpu, affinity))
            return lastCpu;
        int best = lastCpu >= 0 && MayRun(lastCpu, affinity) ? lastCpu : -1;
        for (int cpu = 0; cpu < queues.Length; cpu++)
        {
            if (!MayRun(cpu, affinity))
                continue;
            if (IsFree(cpu))
                return cpu;
            if (best < 0 || queues[cpu].Count < queues[best].Count)
                best = cpu;
        }

        return best >= 0 ? best : Place(lastCpu);
    }

    /// <summary>Whether a CPU is there and has neither a task nor one waiting.</summary>
    public bool IsFree(int cpu) => running[cpu] == 0 && queues[cpu].Count == 0 && !offline[cpu];

    /// <summary>Appends a task to a CPU's queue.</summary>
    public void Enqueue(int cpu, int tid) => queues[cpu].Enqueue(tid);

    /// <summary>
    /// Takes the next task for a CPU: from its own queue, else from the longest other one that has a task which may run
    /// here; 0 if nobody waits, or the CPU is not there. It is the CPU's running task from now on.
    /// </summary>
    public int PickNext(int cpu)
    {
        int tid = 0;
        if (!offline[cpu])
            tid = queues[cpu].Count > 0 ? queues[cpu].RemoveAt(0) : Pull(cpu, longerThan: 0);
        running[cpu] = tid;
        return tid;
    }

    /// <summary>
    /// Takes a task over from the longest queue if that is longer than this CPU's by two or more: the periodic
    /// balancing.
    /// </summary>
    public void Balance(int cpu)
    {
        int tid = offline[cpu] ? 0 : Pull(cpu, queues[cpu].Count + 1);
        if (tid != 0)
            queues[cpu].Enqueue(tid);
    }

    /// <summary>The CPU's task leaves it (blocked, ended or preempted).</summary>
    public void Leave(int cpu) => running[cpu] = 0;

    /// <summary>A CPU comes or goes. Who waits for one that goes is taken out by <see cref="TakeWaiting"/>.</summary>
    public void SetOnline(int cpu, bool isOnline) => offline[cpu] = !isOnline;

    /// <summary>Takes the first task that waits for a CPU out; 0 if there is none.</summary>
    public int TakeWaiting(int cpu) => queues[cpu].Count == 0 ? 0 : queues[cpu].RemoveAt(0);

    /// <summary>The CPU that a task waits for; -1 if it waits for none.</summary>
    public int WaitsFor(int tid)
    {
        for (int cpu = 0; cpu < queues.Length; cpu++)
        {
            for (int i = 0; i < queues[cpu].Count; i++)
            {
                if (queues[cpu][i] == tid)
                    return cpu;
            }
        }

        return -1;
    }

    /// <summary>Takes a task out of the queue in which it waits; false if it waits in none.</summary>
    public bool Remove(int tid)
    {
        foreach (TaskQueue queue in queues)
        {
            for (int i = 0; i < queue.Count; i++)
            {
                if (queue[i] != tid)
                    continue;
                queue.RemoveAt(i);
                return true;
            }
        }

        return false;
    }

    private int Pull(int cpu, int longerThan)
    {
        int busiest = -1;
        int place = -1;
        for (int other = 0; other < queues.Length; other++)
        {
            if (other == cpu || queues[other].Count <= (busiest < 0 ? longerThan : queues[busiest].Count))
                continue;
            int found = FirstFor(cpu, queues[other]);
            if (found < 0)
                continue;
            busiest = other;
            place = found;
        }

        return busiest < 0 ? 0 : queues[busiest].RemoveAt(place);
    }

    private int FirstFor(int cpu, TaskQueue queue)
    {
        for (int i = 0; i < queue.Count; i++)
        {
            if (affinityOf(queue[i]) is not { } mask || mask.Has(cpu))
                return i;
        }

        return -1;
    }
}
