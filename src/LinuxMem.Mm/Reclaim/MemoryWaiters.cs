using LinuxMem.Mm.Tasks;

namespace LinuxMem.Mm.Reclaim;

/// <summary>The tasks that an allocation made wait: each tries to get memory back itself, as far as it is
/// let.</summary>
/// <remarks>Linux: mm/page_alloc.c: __alloc_pages_slowpath, v6.18.</remarks>
public sealed class MemoryWaiters
{
    private readonly List<(TaskStruct Task, ScanControl Control)> waiting = [];

    /// <summary>How many wait, those included that a fatal signal has woken since.</summary>
    public int Count => waiting.Count;

    /// <summary>The first that waits still; null if there is none.</summary>
    public TaskStruct? First
    {
        get
        {
            foreach ((TaskStruct task, ScanControl _) in waiting)
            {
                if (task.State == TaskState.WaitingForMemory)
                    return task;
            }

            return null;
        }
    }

    /// <summary>What a waiter has tried so far, by its place in the queue.</summary>
    public ScanControl this[int index] => waiting[index].Control;

    /// <summary>A waiter, by its place in the queue.</summary>
    public TaskStruct TaskAt(int index) => waiting[index].Task;

    /// <summary>Lets a task wait.</summary>
    public void Add(TaskStruct task)
    {
        task.State = TaskState.WaitingForMemory;
        waiting.Add((task, new ScanControl()));
    }

    /// <summary>Takes the first so many out, who may try again; and those out of the way that wait no more.</summary>
    public void Release(long count, List<TaskStruct> released)
    {
        int kept = 0;
        for (int i = 0; i < waiting.Count; i++)
        {
            (TaskStruct Task, ScanControl Control) waiter = waiting[i];
            if (waiter.Task.State != TaskState.WaitingForMemory)
                continue;
            if (released.Count < count)
                released.Add(waiter.Task);
            else
                waiting[kept++] = waiter;
        }

        waiting.RemoveRange(kept, waiting.Count - kept);
    }
}
