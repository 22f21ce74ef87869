using System.Globalization;
using LinuxMem.Reporting.Text;
using LinuxMem.Simulation.Results;

namespace LinuxMem.Reporting.Sections;

/// <summary>How far free memory is broken up.</summary>
internal static class FragmentationSection
{
    /// <summary>Writes the two indexes of each zone, by order, and a blank line; nothing if there are none.</summary>
    public static void Write(TextWriter output, IReadOnlyList<FragmentationResult> fragmentation)
    {
        if (fragmentation.Count == 0)
            return;
        output.WriteLine("Fragmentation by order 0, 1, 2, ... (unusable: part of free memory of no use for it;");
        output.WriteLine("extfrag: -1 would succeed, to 0 memory is short, to 1 it is broken up)");
        foreach (IGrouping<string, FragmentationResult> zone in fragmentation.GroupBy(f => f.Zone))
        {
            string name = SafeText.Clean(zone.Key).PadRight(8);
            output.WriteLine($"{name} unusable {string.Join(' ', zone.Select(f => Thousandths(f.Unusable)))}");
            output.WriteLine($"{name} extfrag  {string.Join(' ', zone.Select(f => Thousandths(f.Extfrag)))}");
        }

        output.WriteLine();
    }

    private static string Thousandths(int value) =>
        (value / 1000m).ToString("0.000", CultureInfo.InvariantCulture).PadLeft(6);
}
