namespace LinuxMem.Mm.Lru;

/// <summary>The replacement policies that can be chosen by name.</summary>
public static class Policies
{
    private static readonly (string Name, Func<PolicyContext, IReplacementPolicy> Make)[] Known =
    [
        ("two-list", context => new TwoListPolicy(context)),
    ];

    /// <summary>The names, the default first.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Known.Select(policy => policy.Name)];

    /// <summary>Makes a policy. Precondition: the name is one of <see cref="Names"/>.</summary>
    public static IReplacementPolicy Make(string name, PolicyContext context) =>
        Known.First(policy => policy.Name == name).Make(context);
}
