using System.Globalization;
using System.Xml.Linq;
using LinuxMem.Reporting.Scale;
using LinuxMem.Simulation.Results;

namespace LinuxMem.Reporting.Tests.Scale;

/// <summary>Plots show what falls below one CPU, too: that is what curves of contended locks do.</summary>
public class ScalePlotSpec
{
    private static readonly ScaleCurve Falling = new("brk1", "heap", 1_000, [
        Series("processes", 1_000, 2_000, 4_000, 8_000), Series("threads", 1_000, 700, 400, 120)]);

    [Fact]
    public void A_curve_that_falls_falls_in_the_picture_and_stays_inside_it()
    {
        var text = new StringWriter();
        SvgPlot.Write(text, Falling);
        var picture = XDocument.Parse(text.ToString());
        double[] heights = [.. picture.Descendants().Where(e => e.Name.LocalName == "polyline").Last()
            .Attribute("points")!.Value.Split(' ')
            .Select(point => double.Parse(point.Split(',')[1], CultureInfo.InvariantCulture))];
        Assert.Equal(heights.Order(), heights); // downwards
        Assert.Equal(4, heights.Distinct().Count());
        Assert.All(heights, y => Assert.InRange(y, 0, 480 - 50));
        string[] labels = [.. picture.Descendants().Where(e => e.Name.LocalName == "text").Select(e => e.Value)];
        Assert.Contains("0.5", labels);
        Assert.Contains("0.0625", labels);
    }

    [Fact]
    public void The_plot_of_characters_has_a_row_for_it()
    {
        var text = new StringWriter { NewLine = "\n" };
        ScaleReport.WriteText(text, Falling);
        string[] rows = [.. text.ToString().Split('\n').Where(line => line.Contains(" |", StringComparison.Ordinal))];
        int[] marked = [.. Enumerable.Range(0, rows.Length).Where(row => rows[row].Contains('x'))];
        Assert.Equal(3, marked.Length); // the first point lies under that of the processes
        Assert.Contains(rows, row => row.StartsWith("   0.06 |", StringComparison.Ordinal));
    }

    [Fact]
    public void What_does_not_fall_stands_on_an_axis_from_one_cpu()
    {
        var text = new StringWriter();
        SvgPlot.Write(text, new ScaleCurve("t", "d", 1_000, [Series("processes", 1_000, 2_000)]));
        Assert.DoesNotContain(">0.5<", text.ToString(), StringComparison.Ordinal);
    }

    private static ScaleSeries Series(string mode, params long[] operations) => new(mode, "per-vma",
        [.. operations.Select((n, i) => new ScalePoint(1 << i, n, n * 1e6, "", 0, "00"))]);
}
