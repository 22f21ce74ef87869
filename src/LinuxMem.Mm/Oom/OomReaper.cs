using LinuxMem.Mm.PageTables;
using LinuxMem.Mm.Proc;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Tlb;
using LinuxMem.Mm.Vmas;

namespace LinuxMem.Mm.Oom;

/// <summary>Takes the memory of victims that are slow to die.</summary>
/// <remarks>Linux: mm/oom_kill.c: queue_oom_reaper, oom_reap_task_mm, v6.18.</remarks>
public sealed class OomReaper
{
    // How long a victim has before its memory is taken from it (OOM_REAPER_DELAY).
    private const long DelayNs = 2_000_000_000;
    private readonly ProcContext context;
    private readonly PageMapper mapper;
    private readonly KernelLog log;
    private readonly List<(ThreadGroup Group, Mm Mm, long KilledNs)> victims = [];

    /// <summary>Of one kernel.</summary>
    public OomReaper(ProcContext context, PageMapper mapper, KernelLog log)
    {
        this.context = context;
        this.mapper = mapper;
        this.log = log;
    }

    /// <summary>Whether somebody was killed who has not died yet, and is to be looked at.</summary>
    public bool HasVictims => victims.Count > 0;

    /// <summary>Somebody was killed.</summary>
    public void Watch(ThreadGroup victim, Mm mm, long nowNs) => victims.Add((victim, mm, nowNs));

    /// <summary>
    /// Takes the memory of victims that have not died for two seconds. At a kernel step: every CPU has come as far.
    /// </summary>
    public void Reap(long nowNs)
    {
        for (int i = victims.Count - 1; i >= 0; i--)
        {
            (ThreadGroup group, Mm mm, long killedNs) = victims[i];
            if (!group.IsDead && mm.Users > 0 && nowNs < killedNs + DelayNs)
                continue;
            victims.RemoveAt(i);
            if (!group.IsDead && mm.Users > 0)
                Reap(group, mm, nowNs);
        }
    }

    /// <summary>What a process has in memory, as the kernel's messages tell it.</summary>
    internal static string Resident(Mm? mm, ProcContext context) => string.Create(ProcFormat.Invariant,
        $"anon-rss:{context.Kb(mm?.RssAnon ?? 0)}kB, file-rss:{context.Kb(mm?.RssFile ?? 0)}kB, "
        + $"shmem-rss:{context.Kb(mm?.RssShmem ?? 0)}kB");

    private void Reap(ThreadGroup group, Mm mm, long nowNs)
    {
        var cost = default(WorkCost);
        Release(context.Memory, mapper, mm, new TrapPoint(-1, nowNs), ref cost);
        group.IsReaped = true;
        log.Print(nowNs, string.Create(ProcFormat.Invariant,
            $"oom_reaper: reaped process {group.Pid} ({OomReport.NameOf(group)}), now {Resident(mm, context)}"));
    }

    /// <summary>
    /// Drops what is a process's own, as by MADV_DONTNEED; nobody will look at it any more.
    /// </summary>
    internal static void Release(KernelMemory memory, PageMapper mapper, Mm mm, in TrapPoint at, ref WorkCost cost)
    {
        const VmFlags kept = VmFlags.HugeTlb | VmFlags.PfnMap;
        mm.UpdateHiwaterRss();
        MmuGather gather = memory.Coherence.Begin(mm);
        for (Vma? vma = mm.Vmas.Tree.First; vma is not null; vma = vma.Next)
        {
            if ((vma.Flags & kept) == 0 && (vma.IsAnonymous || (vma.Flags & VmFlags.Shared) == 0))
                mapper.Zap(mm, vma.Start, vma.End, vma.Flags, gather, at, ref cost);
        }

        memory.Coherence.Finish(mm, gather, at.Cpu, at.NowNs);
    }
}
