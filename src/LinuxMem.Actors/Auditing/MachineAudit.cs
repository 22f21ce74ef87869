using LinuxMem.Actors.Auditing.Screening;
using LinuxMem.Actors.Kernel;
using LinuxMem.Arch.Memory;
using LinuxMem.Audit;
using LinuxMem.Audit.Snapshots;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Syscalls;
using LinuxMem.Simulation;
using LinuxMem.Simulation.Results;
using LinuxMem.Simulation.Rounds;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Actors.Auditing;

/// <summary>The audit of a run: when it is due, what it looked at, what it found.</summary>
public sealed class MachineAudit
{
    private const int ViolationsKept = 100;
    private const int StepsMax = 256;

    // Looking at all contents takes longer than a screen of the rest.
    private const int SweepEvery = 16;
    private readonly AuditLevel level;
    private readonly bool stops;
    private readonly OracleFeed? feed;
    private readonly Auditor auditor = new();
    private readonly MachineSnapshot snapshot = new();
    private readonly List<Violation> found = [];
    private readonly List<string> violations = [];
    private readonly List<string> objections = [];
    private readonly SnapshotBuilder builder;
    private MachineScreen? screen;
    private long auditedSteps = -1;
    private bool endAudited;
    private MachineReader? reader;
    private long checks;

    /// <summary>The audit that a scenario asks for.</summary>
    public MachineAudit(Scenario scenario)
    {
        level = scenario.Engine.Audit;
        stops = scenario.Engine.StopAtViolation;
        builder = new SnapshotBuilder(Counters);
        if (level != AuditLevel.Off && scenario.Machine.Contents != ContentMode.None)
            feed = new OracleFeed(scenario.Machine, objections);
    }

    /// <summary>What the engine counts of itself.</summary>
    public EngineCounters Counters { get; } = new();

    /// <summary>Hears of mappings.</summary>
    public IMmObserver MmObserver => feed ?? (IMmObserver)new NoObserver();

    /// <summary>Hears of values; null if nobody wants to.</summary>
    public IContentObserver? ContentObserver => feed;

    /// <summary>Notes the machine and what it looked like before its first process.</summary>
    public void Boot(Mm.Kernel kernel, CpuState[] cpus, Conductor conductor)
    {
        builder.Boot(kernel, cpus, conductor);
        if (level != AuditLevel.Off)
            AccountingSnapshot.Watch(kernel);
        if (level == AuditLevel.Round && kernel.Memory.Map.FrameCount <= MachineScreen.FramesMax)
            screen = new MachineScreen(kernel, cpus, auditor);
        if (feed is null)
            return;
        feed.NowNs = () => conductor.ServedNs;
        reader = new MachineReader(kernel);
        kernel.Memory.Coherence.Late = feed.Late;
    }

    /// <summary>
    /// Whether the machine is to be looked at now; <paramref name="last"/> says that the run is over.
    /// </summary>
    public bool IsDue(bool last) => level switch
    {
        AuditLevel.Off => false,
        _ when last => !endAudited,
        AuditLevel.Round => auditedSteps != Counters.Steps,
        _ => false,
    };

    /// <summary>
    /// Whether the kernel has taken so many steps since the last look that it may never come to the end of its phase: a
    /// daemon that runs for ever while every task waits for it.
    /// </summary>
    public bool IsOverdue => level == AuditLevel.Round && Counters.Steps - auditedSteps > StepsMax;

    /// <summary>Looks at the machine.</summary>
    /// <param name="cached">Every page of the page cache.</param>
    /// <param name="ending">Whether the run has come to rest, and nothing may be under way.</param>
    /// <param name="last">Whether it is the last look.</param>
    public void Check(List<PageInsert> cached, bool ending, bool last)
    {
        builder.FillSections(snapshot, cached, ending);
        if (!ending && screen is not null && screen.IsClean(snapshot))
        {
            auditor.CountCleanCheck();
            if (ScreensAreTested)
                KernelBug.Assert(CheckAll() == 0, "the screen passed a machine that has violations");
        }
        else
        {
            FullChecks++;
            CheckAll();
        }

        if (feed is not null && (ending || ++checks % SweepEvery == 0))
            Sweep(cached);
        auditedSteps = Counters.Steps;
        endAudited |= last;
    }

    /// <summary>Whether full checks follow also where the screen found nothing, to find out if it was right.</summary>
    internal bool ScreensAreTested { get; set; }

    /// <summary>Full checks that were made because the screen was in doubt, or is not for that.</summary>
    internal long FullChecks { get; private set; }

    private void Sweep(List<PageInsert> cached)
    {
        reader!.Begin(cached);
        feed!.Sweep(reader);
        if (stops && objections.Count > 0)
            throw new KernelBug(objections[0]);
    }

    private int CheckAll()
    {
        builder.FillBulk(snapshot);
        found.Clear();
        auditor.Check(snapshot, found);
        foreach (Violation violation in found)
        {
            if (violations.Count < ViolationsKept)
                violations.Add($"{violation.Message} (at {snapshot.Engine.VirtualNs} ns, step {Counters.Steps})");
        }

        if (stops && violations.Count > 0)
            throw new KernelBug(violations[0] + AlsoFound());

        return found.Count;
    }

    // Which other invariants are broken at the same moment: one bug may break several.
    private string AlsoFound()
    {
        string[] others = [.. violations.Skip(1).Select(v => v.Split(' ')[0]).Distinct().Order(StringComparer.Ordinal)];
        return others.Length == 0 ? "" : $" [also {string.Join(", ", others)}]";
    }

    /// <summary>What the audit found; at most <see cref="ViolationsKept"/> sentences and the oracle's.</summary>
    public AuditResult Result()
    {
        long done = auditor.ChecksDone + (feed?.LoadsJudged ?? 0);
        return new AuditResult(level.ToString().ToLowerInvariant(), done, [.. violations, .. objections]);
    }
}
