using LinuxMem.Cli.Hosting;
using LinuxMem.Reporting.Events;
using LinuxMem.Reporting.Timeline;
using LinuxMem.Simulation.Settings;
using LinuxMem.Simulation.Tracing;

namespace LinuxMem.Cli.Views;

/// <summary>The files that show how a run went: begun before it, fed by its events, complete at its end.</summary>
internal sealed class ViewFiles : IDisposable
{
    private readonly List<ResultFile> files = [];
    private readonly List<ITraceSink> sinks = [];

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

    /// <summary>The scenario, with its events going to the files.</summary>
    public Scenario Listen(Scenario scenario)
    {
        if (sinks.Count == 0)
            return scenario;
        ITraceSink all = sinks.Count == 1 ? sinks[0] : new TraceFanOut(sinks);
        return scenario with { Engine = scenario.Engine with { Events = all } };
    }

    /// <summary>The run is over, or has broken down: what was told is in the files.</summary>
    public void Complete()
    {
        foreach (ITraceSink sink in sinks)
            (sink as IDisposable)?.Dispose();
        foreach (ResultFile file in files)
            file.Complete();
    }

    /// <summary>Removes what is not complete.</summary>
    public void Dispose()
    {
        foreach (ResultFile file in files)
            file.Dispose();
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
    }

    private Stream Begin(string option, string path)
    {
        var file = ResultFile.Begin(option, path);
        files.Add(file);
        return file.Stream;
    }
}
