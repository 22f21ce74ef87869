using System.Globalization;
using LinuxMem.Reporting.Text;
using LinuxMem.Simulation.Results;

namespace LinuxMem.Reporting.Sections;

/// <summary>What came of the memory cgroups; nothing where there are none.</summary>
internal static class GroupSection
{
    /// <summary>Writes the section, in KiB and milliseconds of virtual time.</summary>
    public static void Write(TextWriter output, IReadOnlyList<GroupResult> groups)
    {
        if (groups.Count == 0)
            return;
        output.WriteLine($"Memory cgroups ({groups.Count}; sizes in KiB)");
        var table = new TextTable(
            TextColumn.Words("GROUP"), TextColumn.Number("PROCS"), TextColumn.Number("CURRENT"),
            TextColumn.Number("PEAK"), TextColumn.Number("SWAP PEAK"), TextColumn.Number("MAJFLT"),
            TextColumn.Number("STALLED"), TextColumn.Words("EVENTS"));
        foreach (GroupResult group in groups)
        {
            table.Add(SafeText.Clean(group.Path), Number(group.Processes), Number(group.CurrentKiB),
                Number(group.PeakKiB), Number(group.SwapPeakKiB), Number(group.MajFlt),
                Units.Duration(group.MemorySomeNs), Events(group));
        }

        table.Write(output);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"Fairness (Jain's index): peak memory {Jain(groups, g => g.PeakKiB):0.000}, ")
            + string.Create(CultureInfo.InvariantCulture, $"stalls {Jain(groups, g => g.MemorySomeNs):0.000}"));
        output.WriteLine();
    }

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Events(GroupResult group) => string.Join(' ', group.Events.Where(e => e.Value != 0)
        .Select(e => string.Create(CultureInfo.InvariantCulture, $"{e.Key} {e.Value}")));

    // 1 if all have the same, 1/n if one has all; 1 where nobody has any.
    private static double Jain(IReadOnlyList<GroupResult> groups, Func<GroupResult, long> of)
    {
        double sum = groups.Sum(g => (double)of(g));
        double squares = groups.Sum(g => (double)of(g) * of(g));
        return squares == 0 ? 1 : sum * sum / (groups.Count * squares);
    }
}
