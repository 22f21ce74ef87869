using LinuxMem.Abi;
using LinuxMem.Mm.Memcg;
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
/// Linux: mm/oom_kill.c: out_of_memory, __oom_kill_process, oom_reap_task_mm; mm/memcontrol.c:
/// mem_cgroup_get_oom_group, v6.18. Memory policies constrain nothing here: it is memory that is out, or a group's.
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
    /// <param name="within">The memory cgroup that is at its limit; null if the machine is out of memory.</param>
    /// <exception cref="ConfigurationException">There is nobody that may be killed: Linux panics.</exception>
    public bool OutOfMemory(long nowNs, TaskStruct? invoker, bool reclaimIsHopeless, MemCgroup? within = null)
    {
        long pages = within is null ? context.Memory.Allocator.ManagedPages + context.Memory.Swap.TotalSlots
            : MemcgReport.TotalPages(within, context.Memory);
        ThreadGroup? victim = OomKiller.Select(
            context.Tasks, pages, within, out bool victimDying, context.Memory.Mutant);
        if (victim is null && victimDying)
            return false;
        context.NowNs = nowNs;
        if (MayReport(nowNs))
            report.Print(nowNs, invoker?.Group ?? context.Init, reclaimIsHopeless, victim, within);
        if (victim is null && within is not null && invoker is not null)
        {
            Log.Print(nowNs, "Out of memory and no killable processes...");
            return false;
        }

        if (victim is null)
        {
            if (within is not null)
                throw new ConfigurationException($"At {nowNs} ns a process cannot start: group {within.KernelPath} is "
                    + "at its limit, and has no process that may be killed.");
            Log.Print(nowNs, "Out of memory and no killable processes...");
            throw new ConfigurationException("Kernel panic - not syncing: System is deadlocked on memory\n"
                + $"At {nowNs} ns memory is out ({context.Kb(pages)} KiB with swap, "
                + $"{context.Kb(context.Memory.Allocator.FreePagesTotal)} KiB free), nothing can be reclaimed, and "
                + "there is no process that may be killed (oomScoreAdj -1000 forbids it).");
        }

        Witness?.Note(context.Tasks.Groups.Where(group => OomKiller.IsIn(group, within)), victim, pages,
            within is null ? context.Memory : null);
        string why = within is null ? "Out of memory" : "Memory cgroup out of memory";
        Kill(victim, nowNs, why);
        KillGroup(victim, within, nowNs, why);
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

    // All of the group that wants it so, the topmost one: memory.oom.group.
    private void KillGroup(ThreadGroup victim, MemCgroup? within, long nowNs, string why)
    {
        MemCgroup? together = null;
        for (MemCgroup? group = victim.Cgroup; group is not null && group.Id != 0; group = group.Parent)
        {
            together = group.OomGroup ? group : together;
            if (group == within)
                break;
        }

        if (together is null)
            return;
        Log.Print(nowNs, $"Tasks in {together.KernelPath} are going to be killed due to memory.oom.group set");
        foreach (MemCgroup told in together.Chain)
            told.Events.OomGroupKill++;
        foreach (ThreadGroup other in context.Tasks.Groups)
        {
            if (other != victim && !other.IsDead && other.ExitSignal == Signal.None && OomKiller.IsIn(other, together)
                && other.OomScoreAdj != OomKiller.ScoreAdjMin)
                Kill(other, nowNs, why);
        }
    }

    private void Kill(ThreadGroup victim, long nowNs, string why)
    {
        Mm mm = victim.Tasks[0].Mm;
        context.Memory.Stat.Add(VmEvent.OomKill);
        context.Memory.Trace?.Emit(Tracepoint.MarkVictim, victim.Pid, text: victim.Comm);
        for (MemCgroup? told = victim.Cgroup; told is not null; told = told.Parent)
            told.Events.OomKill++;
        Log.Print(nowNs, string.Create(ProcFormat.Invariant, $"{why}: Killed process {victim.Pid} "
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
