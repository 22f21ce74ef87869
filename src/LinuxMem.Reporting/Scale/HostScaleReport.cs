using System.Globalization;
using System.Text.Json;
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
            TextColumn.Number("95%"), TextColumn.Number("ROUNDS"), TextColumn.Number("HERE"), TextColumn.Number("OFF"),
            TextColumn.Words("VERDICT"));
        foreach (HostScaleRow row in rows)
        {
            table.Add(row.Test, Ratio(row.HostProcesses), Ratio(row.Processes), Ratio(row.HostThreads),
                Ratio(row.Threads), Ratio(row.HostRatio), Bounds(row.HostRatio), Text(row.HostRatio.Rounds),
                Ratio(row.Ratio), row.IsSkipped ? "-" : Percent(row.Off * 100), row.Verdict);
        }

        table.Write(output);
        int skipped = rows.Count(row => row.IsSkipped);
        int unsure = rows.Count(row => row.Verdict == "unsure");
        output.WriteLine();
        output.WriteLine(skipped == rows.Count
            ? "Nothing can be said: the host has other things to do. Run it again when it is quieter."
            : $"{rows.Count(row => row.Agrees)} of {rows.Count} tests within 25% of the host with 95% confidence"
                + (unsure > 0 ? $", {unsure} with less" : "")
                + (skipped > 0 ? $", {skipped} skipped because it is busy" : "") + ".");
    }

    /// <summary>Writes one object.</summary>
    public static void WriteJson(TextWriter output, IReadOnlyList<HostScaleRow> rows) => JsonText.Write(output, json =>
    {
        json.WriteStartArray("tests");
        foreach (HostScaleRow row in rows)
        {
            json.WriteStartObject();
            json.WriteString("test", row.Test);
            Number(json, "hostProcesses", row.HostProcesses);
            json.WriteNumber("processes", Math.Round(row.Processes, 3));
            Number(json, "hostThreads", row.HostThreads);
            json.WriteNumber("threads", Math.Round(row.Threads, 3));
            Number(json, "hostRatio", row.HostRatio);
            if (row.HostRatio.IsKnown)
            {
                json.WriteNumber("hostRatioLow", Math.Round(row.HostRatio.Low, 3));
                json.WriteNumber("hostRatioHigh", Math.Round(row.HostRatio.High, 3));
            }

            json.WriteNumber("rounds", row.HostRatio.Rounds);
            json.WriteNumber("ratio", Math.Round(row.Ratio, 3));
            if (!row.IsSkipped)
                json.WriteNumber("off", Math.Round(row.Off, 3));
            json.WriteString("verdict", row.Verdict);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });

    private static void Number(Utf8JsonWriter json, string name, HostRatio ratio)
    {
        if (ratio.IsKnown)
            json.WriteNumber(name, Math.Round(ratio.Median, 3));
        else
            json.WriteNull(name);
    }

    private static string Ratio(HostRatio ratio) => ratio.IsKnown ? Ratio(ratio.Median) : "-";

    private static string Bounds(HostRatio ratio) => ratio.IsKnown ? $"{Ratio(ratio.Low)}-{Ratio(ratio.High)}" : "-";

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Ratio(double value) => value.ToString("F2", CultureInfo.InvariantCulture);

    private static string Percent(double value) => value.ToString("F0", CultureInfo.InvariantCulture) + "%";
}
