using LinuxMem.Simulation;
using LinuxMem.Simulation.Tracing;

namespace LinuxMem.Mm.Tasks;

/// <summary>The process table: every task alive, every process that ever was, and the numbers they get.</summary>
public sealed class TaskTable
{
    private readonly Dictionary<int, TaskStruct> tasks = [];
    private readonly SortedDictionary<long, ThreadGroup> groups = [];
    private readonly Dictionary<int, ThreadGroup> holders = [];
    private int lastId = 1;

    /// <summary>The pid namespace of processes that nobody forked.</summary>
    public PidNamespace InitialNamespace { get; } = new();

    /// <summary>Hears of births and deaths; null if nobody listens.</summary>
    public Tracer? Trace { get; set; }

    /// <summary>Who counts the time on CPUs.</summary>
    public ICpuTimes CpuTimes { get; set; } = new NoCpuTimes();

    /// <summary>Live tasks.</summary>
    public int LiveTasks => tasks.Count;

    /// <summary>Them, in no order that means anything.</summary>
    public Dictionary<int, TaskStruct>.ValueCollection Living => tasks.Values;

    /// <summary>Live processes.</summary>
    public int LiveGroups { get; private set; }

    /// <summary>Every process that ever was, by pid; those that had the same one after each other.</summary>
    public IReadOnlyCollection<ThreadGroup> Groups => groups.Values;

    /// <summary>The live task of that tid, or null.</summary>
    public TaskStruct? Find(int tid) => tasks.GetValueOrDefault(tid);

    /// <summary>The process that has that pid or had it last, alive or dead, or null.</summary>
    public ThreadGroup? FindGroup(int pid) => holders.GetValueOrDefault(pid);

    /// <summary>
    /// A free number: the wished one, which may be that of a process nobody can find any more, or the next that nobody
    /// ever had. 0 if the wished one is taken.
    /// </summary>
    public int NewId(int wished)
    {
        if (wished != 0)
            return wished > 1 && IsFree(wished) ? wished : 0;
        do
            lastId++;
        while (tasks.ContainsKey(lastId) || holders.ContainsKey(lastId));
        return lastId;
    }

    // Process groups and sessions keep a number as tasks do. Linux: kernel/pid.c: __change_pid, free_pid, v6.18.
    private bool IsFree(int id)
    {
        if (tasks.ContainsKey(id))
            return false;
        if (!holders.TryGetValue(id, out ThreadGroup? last))
            return true;
        if (!last.IsReleased)
            return false;
        foreach (ThreadGroup group in groups.Values)
        {
            if (!group.IsReleased && (group.Pgid == id || group.Session == id))
                return false;
        }

        return true;
    }

    /// <summary>Takes a task in, and its process if that is new.</summary>
    public void Add(TaskStruct task)
    {
        tasks.Add(task.Tid, task);
        if (task.Group.Tasks.Count == 0)
            AddGroup(task.Group);
        task.Group.Tasks.Add(task);
        task.Group.TasksEver++;
        Trace?.Emit(Tracepoint.TaskNewTask, task.Tid, task.Group.Pid, text: task.Group.Comm);
        Trace?.Emit(Tracepoint.SchedProcessFork, Trace.Tid, task.Tid);
    }

    /// <summary>Takes a process in that has ended before it had a task.</summary>
    public void AddDead(ThreadGroup group)
    {
        AddGroup(group);
        LiveGroups--;
    }

    private void AddGroup(ThreadGroup group)
    {
        bool again = holders.TryGetValue(group.Pid, out ThreadGroup? last);
        group.Incarnation = again ? last!.Incarnation + 1 : 0;
        holders[group.Pid] = group;
        groups.Add(((long)group.Pid << 32) | (uint)group.Incarnation, group);
        LiveGroups++;
    }

    /// <summary>Takes a dead task out; true if it was the last of its process.</summary>
    public bool Remove(TaskStruct task)
    {
        KernelBug.Assert(tasks.Remove(task.Tid), $"I49 violated: task {task.Tid} ends twice");
        task.Group.Tasks.Remove(task);
        task.Group.EndedAccesses += task.Accesses.Accesses;
        Trace?.Emit(Tracepoint.SchedProcessExit, task.Tid, task.Group.Tasks.Count == 0 ? 1 : 0, 0, TaskStruct.Prio);
        if (task.Group.Tasks.Count > 0)
            return false;
        LiveGroups--;
        return true;
    }
}
