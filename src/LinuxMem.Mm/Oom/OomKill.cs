using LinuxMem.Abi;
using LinuxMem.Mm.Memcg;
using LinuxMem.Mm.PageTables;
using LinuxMem.Mm.Proc;
using LinuxMem.Mm.Reclaim;
using LinuxMem.Mm.Stats;
using LinuxMem.Mm.Tasks;
using LinuxMem.Simulation.Settings;
using LinuxMem.Simulation.Tracing;

namespace LinuxMem.Mm.Oom;

/// <summary>What is done when memory is out: the report, and the killing; or the kernel gives up.</summary>
/// <remarks>
/// Linux: mm/oom_kill.c: out_of_memory, check_panic_on_oom, oom_kill_process; mm/memcontrol.c:
/// mem_cgroup_get_oom_group, v6.18. Memory policies constrain nothing here: it is memory that is out, or a group's.
/// </remarks>
public sealed class OomKill
{
    private const string NobodyLeft = "Out of memory and no killable processes...";

    // At most ten reports in five seconds (oom_rs); kills are told always.
    private const long ReportIntervalNs = 5_000_000_000;
    private const int ReportBurst = 10;
    private readonly ProcContext context;
    private readonly TaskExit exit;
    private readonly ProcessStart start;
    private readonly OomReport report;
    private readonly KernelPanic panic;
    private long intervalNs = long.MinValue;
    private int reports;

    /// <summary>Of one kernel.</summary>
    public OomKill(ProcContext context, PageMapper mapper, TaskExit exit, ProcessStart start, KernelLog log,
        KernelPanic panic)
    {
        this.context = context;
        this.exit = exit;
        this.start = start;
        this.panic = panic;
        Log = log;
        report = new OomReport(context, log);
        Reaper = new OomReaper(context, mapper, log);
    }

    /// <summary>Where it reports to.</summary>
    public KernelLog Log { get; }

    /// <summary>Takes the memory of who is slow to die.</summary>
    public OomReaper Reaper { get; }

    /// <summary>Remembers every choice; null if nobody checks them.</summary>
    public OomWitness? Witness { get; set; }

    private VmSettings Vm => context.Settings.Vm;

    /// <summary>
    /// Kills somebody; nobody if a victim is dying, or if it is a group that has nobody left to be killed. The kernel
    /// panics where the machine has nobody left, and where vm.panic_on_oom wants it to.
    /// </summary>
    public void OutOfMemory(in OomRequest request)
    {
        context.NowNs = request.NowNs;
        if (PanicsAtOnce(request))
            return;
        if (Vm.OomKillAllocatingTask && request.Within is null && MayDie(request.Asker))
        {
            ThreadGroup asker = request.Asker!.Group;
            Report(request, asker);
            Kill(asker, request.NowNs, "Out of memory (oom_kill_allocating_task)");
            return;
        }

        long pages = request.Within is null ? context.Memory.Allocator.ManagedPages + context.Memory.Swap.TotalSlots
            : MemcgReport.TotalPages(request.Within, context.Memory);
        ThreadGroup? victim = OomKiller.Select(
            context.Tasks, pages, request.Within, out bool victimDying, context.Memory.Mutant);
        if (victim is null && victimDying)
            return;
        string why = request.Within is null ? "Out of memory" : "Memory cgroup out of memory";
        if (IsWorst(request.Birth, request.Within, victim, pages))
        {
            KillNewborn(request, why);
            return;
        }

        if (victim is null)
        {
            report.Print(request, victim: null);
            Log.Print(request.NowNs, NobodyLeft);
            if (request.Within is null)
                panic.Raise(request.NowNs, "System is deadlocked on memory", request.Asker);
            return;
        }

        Report(request, victim);
        MemCgroup? within = request.Within;
        Witness?.Note(context.Tasks.Groups.Where(group => OomKiller.IsIn(group, within)), victim, pages,
            within is null ? context.Memory : null);
        Kill(victim, request.NowNs, why);
        KillGroup(victim, within, request.NowNs, why);
    }

    // vm.panic_on_oom: 1 leaves groups at their limits alone.
    private bool PanicsAtOnce(in OomRequest request)
    {
        if (Vm.PanicOnOom == 0 || (Vm.PanicOnOom == 1 && request.Within is not null))
            return false;
        report.Print(request, victim: null);
        string kind = Vm.PanicOnOom == 2 ? "compulsory" : "system-wide";
        panic.Raise(request.NowNs, $"Out of memory: {kind} panic_on_oom is enabled", request.Asker);
        return true;
    }

    private static bool MayDie(TaskStruct? task) =>
        task is { Group: { IsDead: false, OomScoreAdj: not OomKiller.ScoreAdjMin }, GroupExiting: false };

    // Whether a process that could not start is worse than who was chosen. It has no memory yet.
    private static bool IsWorst(Newborn? birth, MemCgroup? within, ThreadGroup? victim, long pages)
    {
        if (birth is null or { IsKilled: true } or { OomScoreAdj: OomKiller.ScoreAdjMin })
            return false;
        if (within is not null && birth.Cgroup?.IsWithin(within) != true)
            return false;
        if (victim is not null && OomKiller.IsOrigin(victim))
            return false;
        return victim is null || birth.OomScoreAdj * (pages / 1000) > OomKiller.Badness(victim, pages);
    }

    private void Report(in OomRequest request, ThreadGroup victim)
    {
        if (intervalNs == long.MinValue || request.NowNs - intervalNs > ReportIntervalNs)
        {
            intervalNs = request.NowNs;
            reports = 0;
        }

        if (reports++ < ReportBurst)
            report.Print(request, victim);
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

    private void KillNewborn(in OomRequest request, string why)
    {
        Newborn birth = request.Birth!;
        birth.IsKilled = true;
        ThreadGroup victim = start.Stillborn(birth, request.NowNs);
        Report(request, victim);
        Tell(victim, mm: null, birth.Uid, request.NowNs, why);
    }

    private void Kill(ThreadGroup victim, long nowNs, string why)
    {
        Mm mm = victim.Tasks[0].Mm;
        Tell(victim, mm, victim.Tasks[0].Credentials.Uid, nowNs, why);
        Reaper.Watch(victim, mm, nowNs);
        EndGroup(victim);
        // Who shares its memory would keep it: they go with it, whatever their adjustment.
        foreach (ThreadGroup other in context.Tasks.Groups)
        {
            if (other != victim && !other.IsDead && other.Tasks[0].Mm == mm)
                EndGroup(other);
        }
    }

    private void Tell(ThreadGroup victim, Mm? mm, uint uid, long nowNs, string why)
    {
        context.Memory.Stat.Add(VmEvent.OomKill);
        context.Memory.Trace?.Emit(Tracepoint.MarkVictim, victim.Pid, text: victim.Comm);
        for (MemCgroup? told = victim.Cgroup; told is not null; told = told.Parent)
            told.Events.OomKill++;
        long virtualKb = mm is null ? 0 : context.Kb((long)mm.Vmas.TotalVmPages);
        long tablesKb = mm is null ? 0 : context.Kb(OomKiller.TablePages(mm));
        Log.Print(nowNs, string.Create(ProcFormat.Invariant, $"{why}: Killed process {victim.Pid} "
            + $"({OomReport.NameOf(victim)}) total-vm:{virtualKb}kB, {OomReaper.Resident(mm, context)}, "
            + $"UID:{uid} pgtables:{tablesKb}kB oom_score_adj:{victim.OomScoreAdj}"));
    }

    private void EndGroup(ThreadGroup group)
    {
        group.ExitSignal = Signal.SigKill;
        exit.EndOthers(group, null);
    }
}
