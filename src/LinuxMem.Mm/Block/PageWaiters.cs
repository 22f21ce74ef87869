using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.Tasks;

namespace LinuxMem.Mm.Block;

/// <summary>Who waits for which frame: until it is unlocked, or written back.</summary>
/// <remarks>
/// Linux: mm/filemap.c: folio_wait_table, v6.18. One list a frame in place of Linux's hashed queues; all are woken and
/// look again. A task that a signal has woken in between is left alone.
/// </remarks>
public sealed class PageWaiters
{
    private readonly Dictionary<uint, List<TaskStruct>> waiting = [];
    private readonly Stack<List<TaskStruct>> spare = new();
    private readonly List<TaskStruct> woken;

    /// <summary>None yet; tasks that wake up are added to the list.</summary>
    public PageWaiters(List<TaskStruct> woken) => this.woken = woken;

    /// <summary>Frames that anybody waits for.</summary>
    public int Count => waiting.Count;

    /// <summary>Lets a task wait for a frame.</summary>
    public void Wait(Pfn page, TaskStruct task)
    {
        if (!waiting.TryGetValue(page.Value, out List<TaskStruct>? tasks))
            waiting.Add(page.Value, tasks = spare.TryPop(out List<TaskStruct>? list) ? list : []);
        tasks.Add(task);
        task.State = TaskState.WaitingForIo;
        task.WaitsFor = page;
        task.WakeAtNs = -1;
    }

    /// <summary>Wakes all who wait for a frame, in the order in which they came.</summary>
    public void Wake(Pfn page)
    {
        if (!waiting.Remove(page.Value, out List<TaskStruct>? tasks))
            return;
        foreach (TaskStruct task in tasks)
        {
            if (task.State != TaskState.WaitingForIo || task.WaitsFor != page)
                continue;
            task.WaitsFor = Pfn.None;
            if (task.Suspended is not null)
            {
                task.WakeToRetry(woken);
                continue;
            }

            task.State = TaskState.Runnable;
            woken.Add(task);
        }

        tasks.Clear();
        spare.Push(tasks);
    }
}
