using LinuxMem.Actors.Kernel;
using LinuxMem.Mm.Stats;

namespace LinuxMem.Actors.Machine;

/// <summary>The names of the counters that every result has.</summary>
public static class CounterNames
{
    /// <summary>By key of the result, the names in it.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> ByKey { get; } =
        new Dictionary<string, IReadOnlyList<string>>
        {
            ["vmstat"] = VmStat.Names,
            ["faults"] = [.. ResultBuilder.ShownFaultKinds.Select(kind => kind.ToString())],
        };
}
