using LinuxMem.Mm.Oom;
using LinuxMem.Mm.Tasks;

namespace LinuxMem.Mm.Reclaim;

/// <summary>
/// Tasks for whose blocks of frames neither reclaim nor compaction could do anything: somebody has to die, though there
/// may be free memory. They try again at the step after.
/// </summary>
/// <remarks>Linux: mm/page_alloc.c: __alloc_pages_may_oom, v6.18, with an order.</remarks>
public sealed class OomDemands
{
    private readonly List<TaskStruct> asking = [];
    private readonly List<TaskStruct> served = [];

    /// <summary>Whether anybody waits.</summary>
    public bool Any => asking.Count + served.Count > 0;

    /// <summary>A task wants somebody killed, and waits.</summary>
    public void Add(TaskStruct task)
    {
        task.State = TaskState.WaitingForMemory;
        task.WaitsForGroup = null;
        asking.Add(task);
    }

    /// <summary>Takes a step: calls the OOM killer once for all that ask.</summary>
    public void Step(long nowNs, bool isHopeless, OomCall killOne, Action<TaskStruct> wake)
    {
        if (!Any)
            return;
        foreach (TaskStruct task in served)
        {
            if (task.State == TaskState.WaitingForMemory)
                wake(task);
        }

        served.Clear();
        TaskStruct? first = asking.Find(task => task.State == TaskState.WaitingForMemory);
        served.AddRange(asking);
        asking.Clear();
        if (first is not null)
            killOne(new OomRequest(nowNs, first, null, first.MemoryWish, isHopeless));
    }
}
