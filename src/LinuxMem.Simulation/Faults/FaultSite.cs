using System.Reflection;

namespace LinuxMem.Simulation.Faults;

/// <summary>A place in the kernel at which a <see cref="FaultPoint"/> is passed.</summary>
/// <remarks>
/// Who asks a <see cref="FaultInjector"/> must name one, and they exist as fields of this class only.
/// </remarks>
public sealed partial class FaultSite
{
    static FaultSite()
    {
        All = [.. typeof(FaultSite).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Where(field => field.FieldType == typeof(FaultSite))
            .Select(field => (FaultSite)field.GetValue(null)!)
            .OrderBy(site => site.Point.Name, StringComparer.Ordinal)
            .ThenBy(site => site.Name, StringComparer.Ordinal)];
        for (int i = 0; i < All.Count; i++)
            All[i].Index = i;
    }

    private FaultSite(FaultPoint point, string name, string source, string correct, string cache = "")
    {
        Point = point;
        Name = name;
        Source = source;
        Correct = correct;
        Cache = cache;
    }

    /// <summary>All sites, by their points' names and their own.</summary>
    public static IReadOnlyList<FaultSite> All { get; }

    /// <summary>Its place in <see cref="All"/>.</summary>
    public int Index { get; private set; }

    /// <summary>What is injected there.</summary>
    public FaultPoint Point { get; }

    /// <summary>Its name, unique: Linux's function, where there is one.</summary>
    public string Name { get; }

    /// <summary>Where Linux has it.</summary>
    public string Source { get; }

    /// <summary>What comes of a failure there.</summary>
    public string Correct { get; }

    /// <summary>For failslab: the cache of the object.</summary>
    public string Cache { get; }

    /// <summary>The site of a name; null if there is none.</summary>
    public static FaultSite? Find(string name) => All.FirstOrDefault(site => site.Name == name);

    /// <inheritdoc/>
    public override string ToString() => Name;
}
