using LinuxMem.Mm.Memcg;
using LinuxMem.Mm.PageAlloc;
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

    /// <summary>The first that waits still for memory of a group, or (null) of the machine, and for whom somebody may
    /// be killed; null if there is none.</summary>
    public TaskStruct? First(MemCgroup? group)
    {
        foreach ((TaskStruct task, ScanControl control) in waiting)
        {
            if (task.State == TaskState.WaitingForMemory && task.WaitsForGroup == group && !control.GivesUp)
                return task;
        }

        return null;
    }

    /// <summary>What a waiter has tried so far, by its place in the queue.</summary>
    public ScanControl this[int index] => waiting[index].Control;

    /// <summary>A waiter, by its place in the queue.</summary>
    public TaskStruct TaskAt(int index) => waiting[index].Task;

    /// <summary>Lets a task wait for a block of frames, and so many frames besides.</summary>
    public void Add(TaskStruct task, int besides = 0)
    {
        task.State = TaskState.WaitingForMemory;
        int order = task.WaitsForGroup is null ? task.MemoryWish.Order : 0;
        waiting.Add((task, new ScanControl
        {
            Group = task.WaitsForGroup,
            WantsPages = PagesFor(order) + besides,
            GivesUp = order > Order.CostlyValue,
        }));
    }

    /// <summary>Lets a task wait for so many pages, for one attempt at most.</summary>
    public void AddForRoom(TaskStruct task, int pages)
    {
        task.State = TaskState.WaitingForMemory;
        var control = new ScanControl { Group = task.WaitsForGroup, WantsPages = pages, GivesUp = true };
        waiting.Add((task, control));
    }

    /// <summary>
    /// Takes those out, the first first, for whom so many pages are enough: they may try again; of a group those for
    /// whom it has room; those that try only once; and out of the way those that wait no more.
    /// </summary>
    public void Release(long pages, List<TaskStruct> released)
    {
        int kept = 0;
        long left = pages;
        for (int i = 0; i < waiting.Count; i++)
        {
            (TaskStruct Task, ScanControl Control) waiter = waiting[i];
            if (waiter.Task.State != TaskState.WaitingForMemory)
                continue;
            if (waiter.Control is { GivesUp: true, HasTried: true })
            {
                released.Add(waiter.Task);
                continue;
            }

            if (left < waiter.Control.WantsPages || !HasRoom(waiter.Control, released))
            {
                waiting[kept++] = waiter;
                continue;
            }

            left -= waiter.Control.WantsPages;
            released.Add(waiter.Task);
        }

        waiting.RemoveRange(kept, waiting.Count - kept);
    }

    /// <summary>Pages that must be free above the min watermark before a block of an order is worth a try.</summary>
    public static long PagesFor(int order) => order == 0 ? 1 : 2L << order;

    private static bool HasRoom(ScanControl control, List<TaskStruct> released)
    {
        MemCgroup? group = control.Group;
        if (group is null)
            return true;
        long room = group.Room;
        foreach (TaskStruct task in released)
            room -= task.WaitsForGroup == group ? 1 : 0;
        return room >= control.WantsPages;
    }
}
