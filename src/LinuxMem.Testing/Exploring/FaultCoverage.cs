using System.Globalization;
using LinuxMem.Simulation.Faults;

namespace LinuxMem.Testing.Exploring;

/// <summary>Which fault points the runs of an exploration have passed, in which operation and phase.</summary>
public sealed class FaultCoverage
{
    private readonly SortedDictionary<(int Site, int Operation), (long Passed, long Failed)[]> rows = [];

    /// <summary>The coverage of these runs.</summary>
    public FaultCoverage(IEnumerable<RunRecord> runs)
    {
        foreach (RunRecord run in runs)
        {
            foreach (string cell in run.Passed.Split(',', StringSplitOptions.RemoveEmptyEntries))
                Add(cell);
        }
    }

    /// <summary>Whether any fault point was passed.</summary>
    public bool IsEmpty => rows.Count == 0;

    /// <summary>
    /// A row for each site and operation that was passed: by phase, in how many runs it was passed and in how many it
    /// failed.
    /// </summary>
    public IEnumerable<(FaultSite Site, FaultOperation Operation, (long Passed, long Failed)[] Phases)> Rows =>
        rows.Select(row => (FaultSite.All[row.Key.Site], FaultOperation.At(row.Key.Operation), row.Value));

    /// <summary>Sites that no run has passed: nothing is known of them.</summary>
    public IEnumerable<FaultSite> Unreached =>
        FaultSite.All.Where(site => rows.Keys.All(key => key.Site != site.Index));

    private void Add(string cell)
    {
        string[] parts = cell.TrimEnd('+').Split(':');
        int[] numbers = [.. parts.Select(part => int.Parse(part, CultureInfo.InvariantCulture))];
        if (!rows.TryGetValue((numbers[0], numbers[1]), out (long Passed, long Failed)[]? phases))
            rows.Add((numbers[0], numbers[1]), phases = new (long, long)[Enum.GetValues<FaultPhase>().Length]);
        ref (long Passed, long Failed) phase = ref phases[numbers[2]];
        phase.Passed++;
        phase.Failed += cell.EndsWith('+') ? 1 : 0;
    }
}
