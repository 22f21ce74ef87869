using System.Globalization;
using LinuxMem.Reporting.Json;
using LinuxMem.Reporting.Text;
using LinuxMem.Simulation.Results;

namespace LinuxMem.Reporting.Scale;

/// <summary>Tests of will-it-scale on the host beside the same here, as a table and as JSON.</summary>
public static class HostScaleReport
{
    /// <summary>Writes the rows as a table, and what came of them.</summary>
    public static void WriteText(TextWriter output, IReadOnlyList<HostScaleRow> rows)
    {
        var table = new TextTable(TextColumn.Words("TEST"), TextColumn.Number("HOST 2P/1P"), TextColumn.Number("HERE"),
            TextColumn.Number("HOST 2T/1T"), TextColumn.Number("HERE"), TextColumn.Number("HOST 2T/2P"),
            TextColumn.Number("HERE"), TextColumn.Number("OFF"), TextColumn.Number("SPREAD"),
            TextColumn.Words("VERDICT"));
        foreach (HostScaleRow row in rows)
        {
            table.Add(row.Test, Ratio(row.HostProcesses), Ratio(row.Processes), Ratio(row.HostThreads),
                Ratio(row.Threads), Ratio(row.HostRatio), Ratio(row.Ratio), Percent(row.Off * 100),
                Percent(row.SpreadPercent), row.Verdict);
        }

        table.Write(output);
        int noisy = rows.Count(row => row.IsNoisy);
        int differ = rows.Count(row => row.Differs);
        output.WriteLine();
        output.WriteLine(noisy == rows.Count
            ? "Nothing can be said: the host has other things to do. Run it again when it is quiet."
            : $"{rows.Count - noisy - differ} of {rows.Count} tests within 25% of the host"
                + (noisy > 0 ? $", {noisy} skipped because it is busy" : "") + ".");
    }

    /// <summary>Writes one object.</summary>
    public static void WriteJson(TextWriter output, IReadOnlyList<HostScaleRow> rows) => JsonText.Write(output, json =>
    {
        json.WriteStartArray("tests");
        foreach (HostScaleRow row in rows)
        {
            json.WriteStartObject();
            json.WriteString("test", row.Test);
            json.WriteNumber("hostProcesses", Math.Round(row.HostProcesses, 3));
            json.WriteNumber("processes", Math.Round(row.Processes, 3));
            json.WriteNumber("hostThreads", Math.Round(row.HostThreads, 3));
            json.WriteNumber("threads", Math.Round(row.Threads, 3));
            json.WriteNumber("hostRatio", Math.Round(row.HostRatio, 3));
            json.WriteNumber("ratio", Math.Round(row.Ratio, 3));
            json.WriteNumber("off", Math.Round(row.Off, 3));
            json.WriteNumber("spreadPercent", row.SpreadPercent);
            json.WriteString("verdict", row.Verdict);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });

    private static string Ratio(double value) => value.ToString("F2", CultureInfo.InvariantCulture);

    private static string Percent(double value) => value.ToString("F0", CultureInfo.InvariantCulture) + "%";
}
