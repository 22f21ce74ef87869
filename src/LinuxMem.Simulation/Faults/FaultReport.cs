namespace LinuxMem.Simulation.Faults;

/// <summary>What was injected into a run, and what could have been.</summary>
/// <param name="Settings">What was asked for.</param>
/// <param name="Failures">How often something failed.</param>
/// <param name="Injected">The failures, in order; the first million.</param>
/// <param name="Counted">Points passed that fail-nth counts.</param>
/// <param name="Reached">What was passed.</param>
/// <param name="Warnings">Settings that do other than one may think.</param>
public sealed record FaultReport(
    FaultSettings Settings, long Failures, IReadOnlyList<InjectedFault> Injected, long Counted,
    IReadOnlyList<FaultReached> Reached, IReadOnlyList<string> Warnings)
{
    /// <summary>If asked for: each passing that is counted, in order.</summary>
    public IReadOnlyList<FaultPassing> Order { get; init; } = [];

    /// <summary>Messages between actors, by pair, if some were to be lost, doubled or late.</summary>
    public IReadOnlyList<WireCount> Messages { get; init; } = [];

    /// <summary>What an injector has done; null if there is none.</summary>
    public static FaultReport? Of(FaultInjector? injector) => injector is null ? null : new FaultReport(
        injector.Settings, injector.Failures, injector.Injected, injector.Counted, injector.Reach.List(),
        FaultWarnings.Of(injector.Settings))
    {
        Order = injector.Order,
    };

    /// <summary>The failures as <see cref="FaultDecision.ParseList"/> reads them; empty if there were none.</summary>
    public string Replay => string.Join(',', Injected.Select(fault => fault.Decision));
}

/// <summary>Finds settings that Linux takes, and that do nothing or something unexpected.</summary>
public static class FaultWarnings
{
    /// <summary>The warnings, in the order of the settings.</summary>
    public static IReadOnlyList<string> Of(FaultSettings settings)
    {
        var warnings = new List<string>();
        if (settings.Decisions is not null)
            return warnings;
        foreach (FaultRule rule in settings.Rules)
            Look(rule, warnings);
        return warnings;
    }

    private static void Look(FaultRule rule, List<string> warnings)
    {
        string name = rule.Point.Name;
        if (rule.Attr.Probability == 0)
            warnings.Add($"{name}: probability is 0, so it fails for tasks with fail-nth only");
        else if (rule.Attr.Times == 0)
            warnings.Add($"{name}: times is 0, so nothing fails");
        if (rule.Point == FaultPoint.FailPageAlloc)
        {
            if (rule.Value("min-order") != "0")
            {
                warnings.Add($"{name}: min-order is {rule.Value("min-order")} (Linux's default is 1), and every "
                    + "allocation of this machine is of order 0: nothing fails; give min-order=0");
            }

            if (rule.Value("ignore-gfp-highmem") == "Y")
            {
                warnings.Add($"{name}: ignore-gfp-highmem is Y, Linux's default: memory of processes and of the page "
                    + "cache never fails; give ignore-gfp-highmem=N");
            }
        }

        if (rule.Point.Parameters.Any(p => p.Name == "ignore-gfp-wait") && rule.Value("ignore-gfp-wait") == "Y")
        {
            warnings.Add($"{name}: ignore-gfp-wait is Y, Linux's default: allocations that may wait never fail, and "
                + "nearly all may; give ignore-gfp-wait=N");
        }
    }
}
