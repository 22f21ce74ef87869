using System.Globalization;
using LinuxMem.Reporting.Json;
using LinuxMem.Reporting.Text;
using LinuxMem.Simulation.Results;

namespace LinuxMem.Reporting.Scale;

/// <summary>Curves of will-it-scale as tables and a plot for people, as JSON and as CSV.</summary>
public static class ScaleReport
{
    /// <summary>Writes a table for each curve, and a plot of all.</summary>
    public static void WriteText(TextWriter output, ScaleCurve curve)
    {
        output.WriteLine(
            $"{curve.Test}: {curve.Description}; {Units.Duration(curve.WindowNs)} of virtual time a point");
        foreach (ScaleSeries series in curve.Series)
        {
            output.WriteLine();
            output.WriteLine(series.Name);
            WriteTable(output, series);
        }

        if (curve.Series.All(series => series.Points.Count < 2))
            return;
        output.WriteLine();
        TextPlot.Write(output, curve);
    }

    /// <summary>Writes one object.</summary>
    public static void WriteJson(TextWriter output, ScaleCurve curve) => JsonText.Write(output, json =>
    {
        json.WriteString("test", curve.Test);
        json.WriteNumber("windowNs", curve.WindowNs);
        json.WriteStartArray("series");
        foreach (ScaleSeries series in curve.Series)
        {
            json.WriteStartObject();
            json.WriteString("mode", series.Mode);
            json.WriteString("locks", series.Locks);
            json.WriteStartArray("points");
            foreach (ScalePoint point in series.Points)
            {
                json.WriteStartObject();
                json.WriteNumber("cpus", point.Cpus);
                json.WriteNumber("operations", point.Operations);
                json.WriteNumber("operationsPerSecond", Math.Round(point.PerSecond));
                json.WriteNumber("speedup", Math.Round(series.SpeedupOf(point), 4));
                json.WriteNumber("efficiency", Math.Round(series.EfficiencyOf(point), 4));
                json.WriteString("limit", point.Limit);
                json.WriteNumber("limitShare", Math.Round(point.LimitShare, 4));
                json.WriteString("digest", point.Digest);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });

    /// <summary>Writes a line of headings and a line a point.</summary>
    public static void WriteCsv(TextWriter output, ScaleCurve curve)
    {
        output.Write("test,mode,locks,cpus,operations,operations_per_second,speedup,efficiency,limit,limit_share,"
            + "digest\n");
        foreach (ScaleSeries series in curve.Series)
        {
            foreach (ScalePoint p in series.Points)
            {
                output.Write(string.Create(CultureInfo.InvariantCulture,
                    $"{curve.Test},{series.Mode},{series.Locks},{p.Cpus},{p.Operations},{p.PerSecond:F0},"));
                output.Write(string.Create(CultureInfo.InvariantCulture,
                    $"{series.SpeedupOf(p):F4},{series.EfficiencyOf(p):F4},{p.Limit},{p.LimitShare:F4},{p.Digest}\n"));
            }
        }
    }

    private static void WriteTable(TextWriter output, ScaleSeries series)
    {
        var table = new TextTable(
            TextColumn.Number("CPUS"), TextColumn.Number("OPERATIONS/S"), TextColumn.Number("SPEEDUP"),
            TextColumn.Number("EFFICIENCY"), TextColumn.Words("LIMITED BY"), TextColumn.Number("WAITING"));
        foreach (ScalePoint point in series.Points)
        {
            table.Add(point.Cpus.ToString(CultureInfo.InvariantCulture), Units.Exact((long)point.PerSecond),
                series.SpeedupOf(point).ToString("F2", CultureInfo.InvariantCulture),
                Share(series.EfficiencyOf(point)), point.Limit.Length == 0 ? "-" : point.Limit,
                point.Limit.Length == 0 ? "-" : Share(point.LimitShare));
        }

        table.Write(output);
    }

    private static string Share(double part) => (part * 100).ToString("F1", CultureInfo.InvariantCulture) + "%";
}
