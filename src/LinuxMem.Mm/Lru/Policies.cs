using LinuxMem.Simulation.Settings;

namespace LinuxMem.Mm.Lru;

/// <summary>The replacement policies that can be chosen by name.</summary>
public static class Policies
{
    private static readonly (string Name, Func<PolicyContext, IReplacementPolicy> Make)[] Known =
    [
        ("two-list", context => new TwoListPolicy(context)),
        ("mglru", context => new MglruPolicy(context)),
        ("aging", context => context.Processes is null ? new AgingPolicy(context) : new ProcessAgingPolicy(context)),
        ("clock", context => new ClockPolicy(context)),
        ("lru", context => new LruPolicy(context)),
        ("fifo", context => new FifoPolicy(context)),
        ("random", context => new RandomPolicy(context)),
        ("opt", context => new OptPolicy(context)),
    ];

    /// <summary>
    /// The names, the default first. All but the last, "opt", are for machines (<see cref="ReplacementNames"/>).
    /// </summary>
    public static IReadOnlyList<string> Names { get; } = [.. Known.Select(policy => policy.Name)];

    /// <summary>Makes a policy. Precondition: the name is one of <see cref="Names"/>.</summary>
    public static IReplacementPolicy Make(string name, PolicyContext context) =>
        Known.First(policy => policy.Name == name).Make(context);
}
