using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.Tasks;

namespace LinuxMem.Mm.Reclaim;

/// <summary>
/// The pages that tasks waited for and have not got yet: they stay in memory until the trap that needs them is over, or
/// tasks that are short of memory would take each other's pages away for ever.
/// </summary>
/// <remarks>
/// Linux: mm/filemap.c: filemap_fault, v6.18, which holds a reference to the folio while it waits for its lock. One
/// page a task, and one task a page: who came last.
/// </remarks>
public sealed class HeldPages
{
    private readonly Dictionary<uint, TaskStruct> holders = [];

    /// <summary>Holds a page for a task in place of the one that it held; if it is none, all stays as it is.</summary>
    public void Hold(Pfn page, TaskStruct task)
    {
        if (page.IsNone)
            return;
        Release(task);
        task.Holds = page;
        holders[page.Value] = task;
    }

    /// <summary>The task has got what it wanted, or does not want it any more.</summary>
    public void Release(TaskStruct task)
    {
        if (task.Holds.IsNone)
            return;
        if (holders.TryGetValue(task.Holds.Value, out TaskStruct? holder) && holder == task)
            holders.Remove(task.Holds.Value);
        task.Holds = Pfn.None;
    }

    /// <summary>Whether a page is held for a task that lives.</summary>
    public bool Has(Pfn page) =>
        holders.Count > 0 && holders.TryGetValue(page.Value, out TaskStruct? task) && task.State != TaskState.Dead;
}
