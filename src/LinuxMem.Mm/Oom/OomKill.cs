using LinuxMem.Abi;
using LinuxMem.Mm.PageTables;
using LinuxMem.Mm.Proc;
using LinuxMem.Mm.Stats;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Tlb;
using LinuxMem.Mm.Vmas;
using LinuxMem.Simulation;
using LinuxMem.Simulation.Tracing;

namespace LinuxMem.Mm.Oom;

/// <summary>What is done when memory is out: the report, the killing, and the reaping of who is slow to die.</summary>
/// <remarks>
/// Linux: mm/oom_kill.c: out_of_memory, __oom_kill_process, oom_reap_task_mm, v6.18. Memory policies and groups
/// constrain nothing here, so that it is always all of memory that is out.
/// </remarks>
public sealed class OomKill
{
    // How long a victim has before its memory is taken from it (OOM_REAPER_DELAY).
    private const long ReaperDelayNs = 2_000_000_000;

    // At most ten reports in five seconds (oom_rs); kills are told always.
    private const long ReportIntervalNs = 5_000_000_000;
    private const int ReportBurst = 10;
    private readonly ProcContext context;
    private readonly PageMapper mapper;
    private readonly TaskExit exit;
    private readonly OomReport report;
    private readonly List<(ThreadGroup Group, Mm Mm, long KilledNs)> victims = [];
    private long intervalNs = long.MinValue;
    private int reports;

    /// <summary>Of one kernel.</summary>
    public OomKill(ProcContext context, PageMapper mapper, TaskExit exit, KernelLog log)
    {
        this.context = context;
        this.mapper = mapper;
        this.exit = exit;
        Log = log;
        report = new OomReport(context, log);
    }

    /// <summary>Where it reports to.</summary>
    public KernelLog Log { get; }

    /// <summary>Remembers every choice; null if nobody checks them.</summary>
    public OomWitness? Witness { get; set; }

    /// <summary>Whether somebody was killed who has not died yet, and is to be looked at.</summary>
    public bool HasVictims => victims.Count > 0;

    /// <summary>Kills somebody; false if nobody has to be, since a victim is dying.</summary>
    /// <param name="nowNs">When.</param>
    /// <param name="invoker">Who could not go on without memory; null for init.</param>
    /// <param name="reclaimIsHopeless">Whether kswapd has given up.</param>
    /// <exception cref="ConfigurationException">There is nobody that may be killed: Linux panics.</exception>
    public bool OutOfMemory(long nowNs, TaskStruct? invoker, bool reclaimIsHopeless)
    {
        long pages = context.Memory.Allocator.ManagedPages + context.Memory.Swap.TotalSlots;
        ThreadGroup? victim = OomKiller.Select(
            context.Tasks, pages, out bool victimDying, context.Memory.Mutant);
        if (victim is null && victimDying)
            return false;
        context.NowNs = nowNs;
        if (MayReport(nowNs))
            report.Print(nowNs, invoker?.Group ?? context.Init, reclaimIsHopeless, victim);
        if (victim is null)
        {
            Log.Print(nowNs, "Out of memory and no killable processes...");
            throw new ConfigurationException("Kernel panic - not syncing: System is deadlocked on memory\n"
                + $"At {nowNs} ns memory is out ({context.Kb(pages)} KiB with swap, "
                + $"{context.Kb(context.Memory.Allocator.FreePagesTotal)} KiB free), nothing can be reclaimed, and "
                + "there is no process that may be killed (oomScoreAdj -1000 forbids it).");
        }

        Witness?.Note(context.Tasks.Groups, victim, pages, context.Memory.Map);
        Kill(victim, nowNs);
        return true;
    }

    /// <summary>
    /// Takes the memory of victims that have not died for two seconds. At a kernel step: every CPU has come as far.
    /// </summary>
    public void Reap(long nowNs)
    {
        for (int i = victims.Count - 1; i >= 0; i--)
        {
            (ThreadGroup group, Mm mm, long killedNs) = victims[i];
            if (!group.IsDead && mm.Users > 0 && nowNs < killedNs + ReaperDelayNs)
                continue;
            victims.RemoveAt(i);
            if (!group.IsDead && mm.Users > 0)
                Reap(group, mm, nowNs);
        }
    }

    private bool MayReport(long nowNs)
    {
        if (intervalNs == long.MinValue || nowNs - intervalNs > ReportIntervalNs)
        {
            intervalNs = nowNs;
            reports = 0;
        }

        return reports++ < ReportBurst;
    }

    private void Kill(ThreadGroup victim, long nowNs)
    {
        Mm mm = victim.Tasks[0].Mm;
        context.Memory.Stat.Add(VmEvent.OomKill);
        context.Memory.Trace?.Emit(Tracepoint.MarkVictim, victim.Pid, text: victim.Comm);
        Log.Print(nowNs, string.Create(ProcFormat.Invariant, $"Out of memory: Killed process {victim.Pid} "
            + $"({NameOf(victim)}) total-vm:{context.Kb((long)mm.Vmas.TotalVmPages)}kB, {Resident(mm)}, "
            + $"UID:{victim.Tasks[0].Credentials.Uid} pgtables:{context.Kb(OomKiller.TablePages(mm))}kB "
            + $"oom_score_adj:{victim.OomScoreAdj}"));
        victims.Add((victim, mm, nowNs));
        EndGroup(victim);
        // Who shares its memory would keep it: they go with it, whatever their adjustment.
        foreach (ThreadGroup other in context.Tasks.Groups)
        {
            if (other != victim && !other.IsDead && other.Tasks[0].Mm == mm)
                EndGroup(other);
        }
    }

    private void EndGroup(ThreadGroup group)
    {
        group.ExitSignal = Signal.SigKill;
        exit.EndOthers(group, null);
    }

    // What was its own is dropped, as by MADV_DONTNEED; nobody will look at it any more.
    private void Reap(ThreadGroup group, Mm mm, long nowNs)
    {
        const VmFlags kept = VmFlags.HugeTlb | VmFlags.PfnMap;
        KernelMemory memory = context.Memory;
        var cost = default(WorkCost);
        var at = new TrapPoint(-1, nowNs);
        mm.UpdateHiwaterRss();
        MmuGather gather = memory.Coherence.Begin(mm);
        for (Vma? vma = mm.Vmas.Tree.First; vma is not null; vma = vma.Next)
        {
            if ((vma.Flags & kept) == 0 && (vma.IsAnonymous || (vma.Flags & VmFlags.Shared) == 0))
                mapper.Zap(mm, vma.Start, vma.End, gather, at, ref cost);
        }

        memory.Coherence.Finish(mm, gather, at.Cpu, nowNs);
        group.IsReaped = true;
        Log.Print(nowNs, string.Create(ProcFormat.Invariant,
            $"oom_reaper: reaped process {group.Pid} ({NameOf(group)}), now {Resident(mm)}"));
    }

    private static string NameOf(ThreadGroup group) => OomReport.NameOf(group);

    private string Resident(Mm mm) => string.Create(ProcFormat.Invariant, $"anon-rss:{context.Kb(mm.RssAnon)}kB, "
        + $"file-rss:{context.Kb(mm.RssFile)}kB, shmem-rss:{context.Kb(mm.RssShmem)}kB");
}
