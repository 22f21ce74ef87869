using System.Text;
using System.Text.Json;
using LinuxMem.Reporting.Text;
using LinuxMem.Reporting.Timeline;

namespace LinuxMem.Reporting.Html;

/// <summary>The report of a run as one HTML file that needs nothing else: no script, no request, no picture.</summary>
/// <remarks>
/// It is made of the JSON of a result, so that it can be made later, too; and of what was gathered while the run went
/// on, if it was. All text passes through one encoder. The page's policy allows its own style and nothing else.
/// </remarks>
public static class HtmlReport
{
    private const int MostBars = 24;

    /// <summary>Writes the page.</summary>
    /// <param name="utf8">Where to; stays open.</param>
    /// <param name="result">The JSON of a result, as <c>linuxmem run --json</c> prints it.</param>
    /// <param name="series">What was gathered of the run's events; null if nothing was.</param>
    /// <exception cref="InvalidDataException">It is not the JSON of a result.</exception>
    public static void Write(Stream utf8, JsonElement result, RunSeries? series)
    {
        using var text = new StreamWriter(utf8, new UTF8Encoding(false), leaveOpen: true) { NewLine = "\n" };
        var html = new HtmlText(text);
        try
        {
            WritePage(html, result, series);
        }
        catch (Exception e) when (e is KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new InvalidDataException("this is not the result of a run: " + e.Message, e);
        }
    }

    private static void WritePage(HtmlText html, JsonElement result, RunSeries? series)
    {
        string scenario = result.GetProperty("scenario").GetString()!;
        html.Raw("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
        html.Raw("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
            + "style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'\">\n");
        html.Raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
        html.Element("title", "linuxmem: " + scenario).Raw("\n<style>").Raw(HtmlStyle.Css).Raw("</style>\n</head>\n");
        html.Raw("<body>\n").Element("h1", scenario).Raw("\n");
        HtmlInjected.Write(html, result);
        HtmlSummary.Write(html, result);
        WriteTimes(html, result, series);
        WriteFaults(html, result);
        WriteCpus(html, result);
        HtmlTables.WriteProcesses(html, result);
        HtmlLocks.Write(html, result);
        HtmlTables.WriteSharing(html, result);
        HtmlTables.WriteCounters(html, result);
        HtmlTables.WriteKernelLog(html, result);
        html.Raw("</body>\n</html>\n");
    }

    private static void WriteTimes(HtmlText html, JsonElement result, RunSeries? series)
    {
        html.Element("h2", "Memory over time").Raw("\n");
        if (series is null || series.Points.Count < 2)
        {
            html.Element("p class=\"note\"", "Not recorded; 'linuxmem run --report FILE' does.").Raw("\n");
            return;
        }

        long pageBytes = result.GetProperty("memory").GetProperty("pageBytes").GetInt64();
        ChartSeries Pages(string name, int colour, Func<MemoryPoint, long> of) =>
            new(name, [.. series.Points.Select(p => (double)of(p) * pageBytes)], colour);
        List<long> times = [.. series.Points.Select(p => p.AtNs)];
        ChartSeries[] memory =
        [
            Pages("page tables", 5, p => p.PageTables), Pages("shared memory", 1, p => p.Shmem),
            Pages("files", 2, p => p.File), Pages("anonymous", 0, p => p.Anon), Pages("free", 4, p => p.Free),
        ];
        SvgCharts.Areas(html, times, memory, bytes => Units.Bytes((long)bytes));
        html.Element("h2", "Page faults over time").Raw("\n");
        SvgCharts.Areas(html, times, [new("page faults", [.. series.Points.Select(p => (double)p.Faults)], 0)],
            Plain);
        WritePhases(html, series);
    }

    private static void WritePhases(HtmlText html, RunSeries series)
    {
        List<KeyValuePair<string, long[]>> rows =
            [.. series.Phases.OrderByDescending(p => p.Value.Sum()).ThenBy(p => p.Key, StringComparer.Ordinal)
                .Take(MostBars)];
        if (rows.Count == 0)
            return;
        (string Name, TaskPhase Phase, int Colour)[] parts =
        [
            ("program", TaskPhase.User, 0), ("kernel", TaskPhase.Kernel, 1), ("shootdowns", TaskPhase.Shootdown, 7),
            ("locks", TaskPhase.Lock, 3), ("disk", TaskPhase.Io, 2), ("memory", TaskPhase.Memory, 5),
            ("no CPU", TaskPhase.Runnable, 6), ("sleep", TaskPhase.Sleep, 4),
        ];
        html.Element("h2", "Where tasks spent their time, by name").Raw("\n");
        SvgCharts.Bars(html, [.. rows.Select(r => r.Key)],
            [.. parts.Select(p =>
                new ChartSeries(p.Name, [.. rows.Select(r => (double)r.Value[(int)p.Phase])], p.Colour))],
            ns => Units.Duration((long)ns));
    }

    private static void WriteFaults(HtmlText html, JsonElement result)
    {
        List<JsonProperty> kinds = [.. result.GetProperty("faults").EnumerateObject()
            .Where(f => f.Value.GetInt64() > 0).OrderByDescending(f => f.Value.GetInt64())];
        html.Element("h2", "Page faults by kind").Raw("\n");
        if (kinds.Count > 0)
        {
            SvgCharts.Bars(html, [.. kinds.Select(k => k.Name)],
                [new("faults", [.. kinds.Select(k => (double)k.Value.GetInt64())], 0)], Plain);
        }
    }

    private static void WriteCpus(HtmlText html, JsonElement result)
    {
        List<JsonElement> cpus = [.. result.GetProperty("cpus").EnumerateArray().Take(MostBars)];
        html.Element("h2", "Time of the CPUs").Raw("\n");
        if (cpus.Count == 0)
            return;
        ChartSeries Of(string name, Func<JsonElement, long> ns, int colour) =>
            new(name, [.. cpus.Select(c => (double)ns(c))], colour);
        SvgCharts.Bars(html, [.. cpus.Select(c => "cpu" + c.GetProperty("cpu"))],
            [
                Of("user", c => Ns(c, "userNs"), 0), Of("system", c => Ns(c, "busyNs") - Ns(c, "userNs"), 1),
                Of("idle", c => Ns(c, "idleNs"), 4),
            ],
            ns => Units.Duration((long)ns));
        int others = result.GetProperty("cpus").GetArrayLength() - cpus.Count;
        if (others > 0)
            html.Element("p class=\"note\"", $"{others} CPUs omitted").Raw("\n");
    }

    // Results of older versions do not tell user time apart.
    private static long Ns(JsonElement cpu, string key) =>
        cpu.TryGetProperty(key, out JsonElement value) ? value.GetInt64() : 0;

    private static string Plain(double number) => Units.Exact((long)number);
}
