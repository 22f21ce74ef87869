using LinuxMem.Mm.Memcg;
using LinuxMem.Mm.PageAlloc;
using LinuxMem.Mm.Tasks;

namespace LinuxMem.Mm.Reclaim;

/// <summary>The tasks that an allocation made wait: each tries to get memory back itself, as far as it is
/// let.</summary>
/// <remarks>Linux: mm/page_alloc.c: __alloc_pages_slowpath, v6.18.</remarks>
public sealed class MemoryWaiters
{
    // A call that takes several pages gives them all back before it waits for the last, where Linux would keep them and
    // wait in the allocator. It waits for as many as it had; who comes back so often all the same wants a page more
    // each time: else two of them could take each other's pages for ever, and nobody would be killed.
    private const int WaitsUntilMore = 16;
    private readonly List<(TaskStruct Task, ScanControl Control)> waiting = [];
    private readonly List<ScanControl> granted = [];

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

    /// <summary>The fewest pages that one of those waits for; <see cref="long.MaxValue"/> if there is none.</summary>
    public long LeastWish(MemCgroup? group)
    {
        long least = long.MaxValue;
        foreach ((TaskStruct task, ScanControl control) in waiting)
        {
            if (task.State == TaskState.WaitingForMemory && task.WaitsForGroup == group && !control.GivesUp)
                least = Math.Min(least, control.WantsPages);
        }

        return least;
    }

    /// <summary>What a waiter has tried so far, by its place in the queue.</summary>
    public ScanControl this[int index] => waiting[index].Control;

    /// <summary>A waiter, by its place in the queue.</summary>
    public TaskStruct TaskAt(int index) => waiting[index].Task;

    /// <summary>Lets a task wait, for so many pages at least.</summary>
    public void Add(TaskStruct task, long pages)
    {
        task.State = TaskState.WaitingForMemory;
        int order = task.WaitsForGroup is null ? task.MemoryWish.Order : 0;
        waiting.Add((task, new ScanControl
        {
            Group = task.WaitsForGroup,
            WantsPages = Math.Max(pages, PagesFor(order)) + Math.Max(0, ++task.MemoryWaits - WaitsUntilMore),
            GivesUp = order > Order.CostlyValue,
        }));
    }

    /// <summary>Lets a task wait for so many pages, for one attempt at most.</summary>
    public void AddForRoom(TaskStruct task, long pages)
    {
        task.State = TaskState.WaitingForMemory;
        waiting.Add((task, new ScanControl
        {
            Group = task.WaitsForGroup,
            WantsPages = pages,
            GivesUp = true,
            IsForRoom = true,
        }));
    }

    /// <summary>
    /// Takes those out, the first first, for whom so many pages are enough: they may try again; of a group those for
    /// whom it has room; those that try only once, which wait for what they have sent on its way if it is to be room to
    /// read into; and out of the way those that wait no more.
    /// </summary>
    public void Release(long pages, List<TaskStruct> released, ReclaimThrottle throttle, long nowNs)
    {
        int kept = 0;
        granted.Clear();
        long left = pages;
        for (int i = 0; i < waiting.Count; i++)
        {
            (TaskStruct Task, ScanControl Control) waiter = waiting[i];
            if (waiter.Task.State != TaskState.WaitingForMemory)
                continue;
            if (waiter.Control is { GivesUp: true, HasTried: true } once
                && !(once.IsForRoom && throttle.Holds(once, nowNs)))
            {
                released.Add(waiter.Task);
                continue;
            }

            if (left < waiter.Control.WantsPages || !HasRoom(waiter.Control))
            {
                waiting[kept++] = waiter;
                continue;
            }

            left -= waiter.Control.WantsPages;
            granted.Add(waiter.Control);
            released.Add(waiter.Task);
        }

        waiting.RemoveRange(kept, waiting.Count - kept);
    }

    /// <summary>Pages that must be free above the min watermark before a block of an order is worth a try.</summary>
    public static long PagesFor(int order) => order == 0 ? 1 : 2L << order;

    private bool HasRoom(ScanControl control)
    {
        MemCgroup? group = control.Group;
        if (group is null)
            return true;
        long room = group.Room;
        foreach (ScanControl other in granted)
            room -= other.Group == group ? other.WantsPages : 0;
        return room >= control.WantsPages;
    }
}
