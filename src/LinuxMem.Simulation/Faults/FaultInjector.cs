using LinuxMem.Simulation.Settings;
using LinuxMem.Simulation.Tracing;

namespace LinuxMem.Simulation.Faults;

/// <summary>What a caller says about an allocation that may fail.</summary>
[Flags]
public enum FaultTraits
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>It may wait for reclaim (__GFP_DIRECT_RECLAIM).</summary>
    MayWait = 1,

    /// <summary>It is for processes or files (__GFP_HIGHMEM).</summary>
    HighMem = 2,
}

/// <summary>
/// Decides at each fault point of one machine whether it fails, and keeps account: what was passed, what failed.
/// </summary>
/// <remarks>
/// A machine without faults has none (null), so that what is off costs a test for null. Owned by the kernel; asked in
/// the kernel phase only, in the order of virtual time, so the same run decides the same.
/// </remarks>
public sealed class FaultInjector
{
    private const int InjectedMax = 1_000_000;
    private readonly FaultSettings settings;
    private readonly FaultState[] states;
    private readonly long[] passed = new long[FaultSite.All.Count];
    private readonly HashSet<FaultDecision>? exact;
    private readonly bool[] isCounted;
    private readonly List<InjectedFault> injected = [];
    private readonly FaultReach reach = new();
    private readonly List<FaultPassing> order = [];
    private FaultOperation operation;
    private FaultPhase phase;

    /// <summary>For a machine with this seed.</summary>
    public FaultInjector(FaultSettings settings, ulong seed)
    {
        this.settings = settings;
        Seed = seed;
        states = new FaultState[FaultPoint.All.Count];
        foreach (FaultPoint point in FaultPoint.All)
        {
            FaultRule rule = settings.Rules.FirstOrDefault(r => r.Point == point) ?? new(point, new FaultAttr());
            states[point.Index] = new FaultState(rule, seed);
        }

        exact = settings.Decisions?.ToHashSet();
        isCounted = [.. FaultSite.All.Select(site => site.Point.IsSweptBy(settings.FailNthPoints))];
    }

    /// <summary>The injector of a scenario; null if it asks for none.</summary>
    public static FaultInjector? For(Scenario scenario) =>
        scenario.Faults.IsOn || scenario.Processes.Any(p => p.FailNth > 0)
            ? new FaultInjector(scenario.Faults, scenario.Seed) : null;

    /// <summary>Seed of what it draws.</summary>
    public ulong Seed { get; }

    /// <summary>What it was made for.</summary>
    public FaultSettings Settings => settings;

    /// <summary>The task that is in the kernel; null for the kernel's own doings.</summary>
    public FaultTask? Task { get; private set; }

    /// <summary>The virtual time, in nanoseconds.</summary>
    public long NowNs { get; private set; }

    /// <summary>How often something failed.</summary>
    public long Failures { get; private set; }

    /// <summary>How often a point was passed that <see cref="FaultSettings.FailNth"/> counts.</summary>
    public long Counted { get; private set; }

    /// <summary>The failures, in order; the first million.</summary>
    public IReadOnlyList<InjectedFault> Injected => injected;

    /// <summary>What was passed.</summary>
    public FaultReach Reach => reach;

    /// <summary>If asked for: each passing that is counted, in order.</summary>
    public IReadOnlyList<FaultPassing> Order => order;

    /// <summary>Takes a message for the kernel's log: the time and the text.</summary>
    public Action<long, string>? Print { get; set; }

    /// <summary>Hears of what is injected; null if nobody listens.</summary>
    public Tracer? Trace { get; set; }

    /// <summary>The rule of a point, given or by default.</summary>
    public FaultRule RuleOf(FaultPoint point) => states[point.Index].Rule;

    /// <summary>Whether a point can fail at all in this run.</summary>
    public bool IsOn(FaultPoint point) => exact is not null
        ? exact.Any(decision => decision.Site.Point == point)
        : RuleOf(point).Attr.Probability > 0
            || ((settings.FailNth > 0 || settings.Counts) && point.IsSweptBy(settings.FailNthPoints));

    /// <summary>An operation begins, or goes on with another task or at another time.</summary>
    /// <param name="what">What it is.</param>
    /// <param name="task">Whose it is; null for the kernel's own.</param>
    /// <param name="nowNs">The virtual time.</param>
    /// <param name="isShort">Whether memory is short.</param>
    public void Enter(FaultOperation what, FaultTask? task, long nowNs, bool isShort)
    {
        operation = what;
        Task = task;
        NowNs = nowNs;
        phase = isShort ? FaultPhase.Short : FaultPhase.Calm;
    }

    /// <summary>Passes a site: whether it fails there.</summary>
    /// <param name="site">The site.</param>
    /// <param name="size">How much is asked for: pages of an allocation, bytes of an object or a copy.</param>
    /// <param name="traits">What else is to be known of an allocation.</param>
    /// <param name="detail">What a report is to tell beside the site.</param>
    public bool Fails(FaultSite site, int size = 1, FaultTraits traits = FaultTraits.None, string detail = "")
    {
        if (operation.IsSpared)
            return false;
        long ordinal = ++passed[site.Index];
        bool fails = (settings.HealAtNs is null || NowNs < settings.HealAtNs) && Decide(site, ordinal, size, traits);
        reach.Pass(site, operation, phase, fails);
        if (!fails)
            return false;
        phase = FaultPhase.Recovery;
        Failures++;
        Trace?.Emit(Tracepoint.InjectedFault, ordinal, size, site.Index, text: site.Point.ToString());
        if (injected.Count < InjectedMax)
            injected.Add(new(new(site, ordinal), NowNs, Task?.Tid ?? 0, operation.Name, detail));
        Dump(site);
        return true;
    }

    private bool Decide(FaultSite site, long ordinal, int size, FaultTraits traits)
    {
        if (exact is not null)
            return exact.Contains(new FaultDecision(site, ordinal));
        if (isCounted[site.Index])
        {
            Counted++;
            if (settings.KeepsOrder)
                order.Add(new FaultPassing((ushort)site.Index, (ushort)operation.Index));
        }

        if (settings.FailNth > 0 && isCounted[site.Index] && (settings.FailNthMode == FailNthMode.Once
            ? Counted == settings.FailNth : Counted >= settings.FailNth))
            return true;
        FaultState state = states[site.Point.Index];
        bool isSpared = (site.Point == FaultPoint.FailPageAlloc && size < 1 << Math.Min(state.MinOrder, 30))
            || (state.SparesWaiting && (traits & FaultTraits.MayWait) != 0)
            || (state.SparesHighMem && (traits & FaultTraits.HighMem) != 0);
        return !isSpared && state.ShouldFail(site, operation, Task, size);
    }

    // Linux: lib/fault-inject.c: fail_dump, v6.18; in place of the stack, what was going on.
    private void Dump(FaultSite site)
    {
        FaultState state = states[site.Point.Index];
        FaultAttr attr = state.Rule.Attr;
        if (attr.Verbose == 0 || Print is null)
            return;
        string text = "FAULT_INJECTION: forcing a failure.\n" + $"name {site.Point}, interval {attr.Interval}, "
            + $"probability {attr.Probability}, space {state.Space}, times {state.Times}";
        Print(NowNs, attr.Verbose == 1 ? text : text + $"\n {site} in {operation}");
    }
}
