using System.Reflection;

namespace LinuxMem.Simulation.Faults;

/// <summary>
/// A kind of fault that can be injected (a capability, in the words of Linux): its name, its parameters, and what a
/// correct kernel does about it.
/// </summary>
/// <remarks>
/// Linux: lib/fault-inject.c, Documentation/fault-injection/fault-injection.rst, v6.18. Points exist as fields of this
/// class only, so <see cref="All"/> is complete by construction; so it is with <see cref="FaultSite"/>.
/// </remarks>
public sealed partial class FaultPoint
{
    static FaultPoint()
    {
        All = [.. typeof(FaultPoint).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Where(field => field.FieldType == typeof(FaultPoint))
            .Select(field => (FaultPoint)field.GetValue(null)!)
            .OrderBy(point => point.Name, StringComparer.Ordinal)];
        for (int i = 0; i < All.Count; i++)
            All[i].Index = i;
    }

    private FaultPoint(string name, string summary, string correct, params FaultParameter[] parameters)
    {
        Name = name;
        Summary = summary;
        Correct = correct;
        Parameters = parameters;
    }

    /// <summary>All points, by name.</summary>
    public static IReadOnlyList<FaultPoint> All { get; }

    /// <summary>Its place in <see cref="All"/>.</summary>
    public int Index { get; private set; }

    /// <summary>Linux's name, where Linux has one.</summary>
    public string Name { get; }

    /// <summary>What is injected.</summary>
    public string Summary { get; }

    /// <summary>What a correct kernel does about it.</summary>
    public string Correct { get; }

    /// <summary>
    /// Whether it is no fault that any machine of metal has: neither fail-nth nor swarms take it unless it is named.
    /// </summary>
    public bool IsApart { get; private init; }

    /// <summary>Its own parameters.</summary>
    public IReadOnlyList<FaultParameter> Parameters { get; }

    /// <summary>The places in the kernel that pass it.</summary>
    public IEnumerable<FaultSite> Sites => FaultSite.All.Where(site => site.Point == this);

    /// <summary>Whether a sweep of fail-nth over the points of a pattern takes it.</summary>
    public bool IsSweptBy(string pattern) => (!IsApart || pattern != "*") && FaultNumbers.Matches(pattern, Name);

    /// <summary>The point of a name; null if there is none.</summary>
    public static FaultPoint? Find(string name) => All.FirstOrDefault(point => point.Name == name);

    /// <inheritdoc/>
    public override string ToString() => Name;
}
