using LinuxMem.Simulation;
using LinuxMem.Simulation.Tracing;

namespace LinuxMem.Mm.Tasks;

/// <summary>The process table: every task alive, every process that ever was, and the numbers they get.</summary>
public sealed class TaskTable
{
    private readonly Dictionary<int, TaskStruct> tasks = [];
    private readonly SortedDictionary<int, ThreadGroup> groups = [];
    private int lastId = 1;

    /// <summary>Hears of births and deaths; null if nobody listens.</summary>
    public Tracer? Trace { get; set; }

    /// <summary>Live tasks.</summary>
    public int LiveTasks => tasks.Count;

    /// <summary>Live processes.</summary>
    public int LiveGroups { get; private set; }

    /// <summary>Every process that ever was, by pid.</summary>
    public IReadOnlyCollection<ThreadGroup> Groups => groups.Values;

    /// <summary>The live task of that tid, or null.</summary>
    public TaskStruct? Find(int tid) => tasks.GetValueOrDefault(tid);

    /// <summary>The process of that pid, alive or dead, or null.</summary>
    public ThreadGroup? FindGroup(int pid) => groups.GetValueOrDefault(pid);

    /// <summary>A free number: the wished one, or the next. 0 if the wished one is taken.</summary>
    public int NewId(int wished)
    {
        if (wished != 0)
            return wished > 1 && !tasks.ContainsKey(wished) && !groups.ContainsKey(wished) ? wished : 0;
        do
            lastId++;
        while (tasks.ContainsKey(lastId) || groups.ContainsKey(lastId));
        return lastId;
    }

    /// <summary>Takes a task in, and its process if that is new.</summary>
    public void Add(TaskStruct task)
    {
        tasks.Add(task.Tid, task);
        if (groups.TryAdd(task.Group.Pid, task.Group))
            LiveGroups++;
        task.Group.Tasks.Add(task);
        task.Group.TasksEver++;
        Trace?.Emit(Tracepoint.TaskNewTask, task.Tid, task.Group.Pid, text: task.Group.Comm);
        Trace?.Emit(Tracepoint.SchedProcessFork, Trace.Tid, task.Tid);
    }

    /// <summary>Takes a process in that has ended before it had a task.</summary>
    public void AddDead(ThreadGroup group) => groups.Add(group.Pid, group);

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
