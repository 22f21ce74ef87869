using System.Text.Json;
using LinuxMem.Cli.Hosting;
using LinuxMem.Reporting.Events;
using LinuxMem.Reporting.Html;
using LinuxMem.Reporting.Json;
using LinuxMem.Reporting.Timeline;
using LinuxMem.Simulation.Results;
using LinuxMem.Simulation.Settings;
using LinuxMem.Simulation.Tracing;

namespace LinuxMem.Cli.Views;

/// <summary>The files that show how a run went: begun before it, fed by its events, complete at its end.</summary>
internal sealed class ViewFiles : IDisposable
{
    private readonly List<ResultFile> files = [];
    private readonly List<ITraceSink> sinks = [];
    private readonly Ear ear = new();
    private ResultFile? page;
    private RunSeries? series;

    /// <summary>Begins the files that are asked for.</summary>
    /// <exception cref="LinuxMem.Simulation.ConfigurationException">A name is none of a file.</exception>
    /// <exception cref="IOException">Nothing can be written there.</exception>
    public static ViewFiles Begin(ViewRequest request)
    {
        var views = new ViewFiles();
        try
        {
            views.Open(request);
            return views;
        }
        catch
        {
            views.Dispose();
            throw;
        }
    }

    /// <summary>Whether a run has told anything: it had begun.</summary>
    public bool HeardAny => ear.HeardAny;

    /// <summary>The scenario, with its events going to the files.</summary>
    public Scenario Listen(Scenario scenario)
    {
        if (sinks.Count == 0)
            return scenario;
        ITraceSink all = new TraceFanOut([ear, .. sinks]);
        return scenario with { Engine = scenario.Engine with { Events = all } };
    }

    /// <summary>
    /// The run is over, or (without a result) has broken down: what was told is in the files. There is no report of
    /// what has no result.
    /// </summary>
    public void Complete(RunResult? result)
    {
        foreach (ITraceSink sink in sinks)
            (sink as IDisposable)?.Dispose();
        foreach (ResultFile file in files)
            file.Complete();
        if (page is not null && result is not null)
        {
            WriteReport(result);
            page.Complete();
        }
    }

    /// <summary>Removes what is not complete.</summary>
    public void Dispose()
    {
        foreach (ResultFile file in files)
            file.Dispose();
        page?.Dispose();
    }

    private void WriteReport(RunResult result)
    {
        using var stream = new MemoryStream();
        RunResultJson.Write(stream, result, null, null);
        using var json = JsonDocument.Parse(stream.GetBuffer().AsMemory(0, (int)stream.Length));
        HtmlReport.Write(page!.Stream, json.RootElement, series);
    }

    private void Open(ViewRequest request)
    {
        if (request.Events is { } events)
        {
            Stream stream = Begin("--events", events);
            sinks.Add(request.WritesJson ? new EventJsonWriter(stream, request.Filter)
                : new PerfScriptWriter(stream, request.Filter));
        }

        if (request.Trace is { } trace)
            sinks.Add(new ChromeTrace(Begin("--trace", trace)));
        if (request.Folded is { } folded)
            sinks.Add(new FoldedStacks(Begin("--folded", folded)));
        if (request.Report is not { } report)
            return;
        page = ResultFile.Begin("--report", report);
        sinks.Add(series = new RunSeries());
    }

    private Stream Begin(string option, string path)
    {
        var file = ResultFile.Begin(option, path);
        files.Add(file);
        return file.Stream;
    }

    private sealed class Ear : ITraceSink
    {
        public bool HeardAny { get; private set; }

        public void Take(ReadOnlySpan<TraceEvent> events) => HeardAny |= !events.IsEmpty;
    }
}
