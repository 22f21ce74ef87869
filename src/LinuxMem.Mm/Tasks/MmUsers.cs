using LinuxMem.Mm.Fork;
using LinuxMem.Mm.Syscalls;
using LinuxMem.Mm.Vmas;

namespace LinuxMem.Mm.Tasks;

/// <summary>Counts the tasks that use an address space, and ends it with the last.</summary>
/// <remarks>Linux: kernel/fork.c: mmput, v6.18.</remarks>
public sealed class MmUsers
{
    private readonly MmLifecycle lifecycle;
    private readonly IMmObserver observer;
    private readonly VmaCensus census;

    /// <summary>Over one machine.</summary>
    public MmUsers(MmLifecycle lifecycle, IMmObserver observer, VmaCensus census)
    {
        this.census = census;
        this.lifecycle = lifecycle;
        this.observer = observer;
    }

    /// <summary>One task more uses an address space.</summary>
    public void Add(Mm mm)
    {
        mm.Users++;
        mm.Context.Shared = true;
    }

    /// <summary>A task uses an address space no more: by exit or execve.</summary>
    public void Drop(TaskStruct task, Mm mm, TrapPoint at, ref WorkCost cost)
    {
        ThreadGroup group = task.Group;
        mm.UpdateHiwaterRss();
        group.MaxRssPages = Math.Max(group.MaxRssPages, mm.HiwaterRss);
        group.LastRssPages = mm.Rss;
        group.LastVszPages = (long)mm.Vmas.TotalVmPages;
        mm.Users--;
        if (mm.Users > 0)
            return;
        group.InferredPages += mm.InferredPages;
        if (group.KeepsVmas)
            group.LastVmas = census.Take(mm);
        lifecycle.Destroy(mm, at, ref cost);
        observer.Exited(mm);
    }
}
