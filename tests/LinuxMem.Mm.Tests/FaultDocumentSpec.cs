using LinuxMem.Simulation.Faults;

namespace LinuxMem.Mm.Tests;

/// <summary>docs/faults.md says what can be injected, and what comes of it.</summary>
public class FaultDocumentSpec
{
    private static readonly string Text = File.ReadAllText(CoverageSpec.PathOf("docs", "faults.md"));

    [Fact]
    public void Every_fault_point_has_a_row() => Assert.Empty(FaultPoint.All.Where(point =>
        !Rows().Any(row => row.Contains($"`{point.Name}`", StringComparison.Ordinal))).Select(point => point.Name));

    [Fact]
    public void Rows_stand_in_the_order_of_the_catalogue_each_once()
    {
        int[] numbers = [.. Rows().SelectMany(row => row.Split('|')[1].Split(' ')).Where(name => name.Length > 0)
            .Select(name => int.Parse(name.AsSpan(1), System.Globalization.CultureInfo.InvariantCulture))];
        Assert.Equal(numbers.Order().Distinct(), numbers);
    }

    private static IEnumerable<string> Rows() =>
        Text.Split('\n').Where(line => line.StartsWith("| F", StringComparison.Ordinal));
}
