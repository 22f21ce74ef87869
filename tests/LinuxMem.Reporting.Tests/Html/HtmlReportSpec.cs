using System.Text;
using System.Text.Json;
using System.Xml.Linq;
using LinuxMem.Reporting.Html;
using LinuxMem.Reporting.Json;
using LinuxMem.Reporting.Tests.Timeline;
using LinuxMem.Reporting.Timeline;
using LinuxMem.Simulation.Results;
using LinuxMem.Simulation.Tracing;

namespace LinuxMem.Reporting.Tests.Html;

public class HtmlReportSpec
{
    private const string Evil = "</title><script>alert(1)</script>\"'>&\u202e";

    [Fact]
    public void Nothing_from_outside_becomes_markup()
    {
        RunResult result = SampleResult.Create(2) with
        {
            Scenario = Evil,
            Processes = [SampleResult.Process(0) with { Comm = Evil, Fate = Evil }],
            KernelLog = [new KernelLogLine(5, Evil)],
            FaultKinds = [new(Evil, 3)],
        };
        string page = Page(result, Series());
        Assert.DoesNotContain("<script", page);
        Assert.DoesNotContain("\u202e", page);
        XElement html = Parse(page);
        Assert.Equal(Evil, html.Descendants("h1").Single().Value);
        Assert.Equal(3, html.Descendants("td").Count(cell => cell.Value == Evil));
    }

    [Fact]
    public void The_policy_allows_the_style_of_the_page_and_nothing_else()
    {
        string page = Page(SampleResult.Create(), Series());
        Assert.Contains("content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
            + "form-action 'none'\"", page);
        foreach (string word in new[] { "<script", "href=", "src=\"", "url(", "@import", "onload", "<iframe", "<link" })
            Assert.DoesNotContain(word, page);
    }

    [Fact]
    public void Charts_are_drawn_of_memory_faults_tasks_and_cpus()
    {
        XElement html = Parse(Page(SampleResult.Create(), Series()));
        Assert.Equal(5, html.Descendants().Count(e => e.Name.LocalName == "svg"));
        Assert.Equal(
            ["Memory over time", "Page faults over time", "Where tasks spent their time, by name",
                "Page faults by kind", "Time of the CPUs"],
            html.Descendants("h2").Take(5).Select(h => h.Value));
    }

    [Fact]
    public void Who_waited_for_which_lock_and_for_whom_is_told_if_anybody_did()
    {
        XElement html = Parse(Page(SampleResult.Create(), Series()));
        List<string> cells = [.. html.Descendants("tr")
            .Select(row => string.Join("|", row.Elements().Select(cell => cell.Value)))];
        Assert.Contains("mmap_lock, writing|munmap|120|1.20 ms|61.0 us|10.0 us|60.0 us", cells);
        Assert.Contains("mmap_lock|munmap|mmap|102|101|5.00 ms|61.0 us", cells);
        string quiet = Page(SampleResult.Create() with { Locks = null }, Series());
        Assert.DoesNotContain("Lock contention", quiet);
    }

    [Fact]
    public void A_result_alone_gives_a_page_without_charts_over_time()
    {
        string page = Page(SampleResult.Create(), null);
        Assert.Contains("Not recorded; &#x27;linuxmem run --report FILE&#x27; does.", page);
        Assert.Equal(2, Parse(page).Descendants().Count(e => e.Name.LocalName == "svg"));
    }

    [Fact]
    public void Long_tables_are_cut_and_say_so() => Assert.Contains(
        "100 rows omitted", Page(SampleResult.Create(300), null));

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("{\"scenario\": 5}")]
    public void What_is_no_result_is_refused(string json)
    {
        using var document = JsonDocument.Parse(json);
        Assert.Throws<InvalidDataException>(() => HtmlReport.Write(new MemoryStream(), document.RootElement, null));
    }

    [Fact]
    public void Series_are_thinned_and_lose_no_fault()
    {
        using var series = new RunSeries();
        for (int i = 0; i < 10_000; i++)
        {
            series.Take([TimelineEvents.At(i, -1, 0, Tracepoint.MemorySample, null, 1, 1, 1, 1, 1, i * 3L, 0)]);
        }

        Assert.InRange(series.Points.Count, RunSeries.MostPoints / 2, RunSeries.MostPoints);
        Assert.Equal(series.Points[^1].AtNs * 3, series.Points.Sum(p => p.Faults));
    }

    private static RunSeries Series()
    {
        var series = new RunSeries();
        series.Take(TimelineEvents.Life);
        series.Take([TimelineEvents.At(6000, -1, 0, Tracepoint.MemorySample, null, 90, 5, 2, 3, 4, 9, 6)]);
        series.Dispose();
        return series;
    }

    private static string Page(RunResult result, RunSeries? series)
    {
        using var json = new MemoryStream();
        RunResultJson.Write(json, result, null, null);
        using var document = JsonDocument.Parse(json.ToArray());
        using var page = new MemoryStream();
        HtmlReport.Write(page, document.RootElement, series);
        return Encoding.UTF8.GetString(page.ToArray());
    }

    // The page is written so that it is XML too, but for the declaration and the elements without an end.
    private static XElement Parse(string page)
    {
        string xml = page[page.IndexOf("<html", StringComparison.Ordinal)..];
        return XElement.Parse(System.Text.RegularExpressions.Regex.Replace(xml, "<meta ([^>]*)>", "<meta $1/>"));
    }
}
