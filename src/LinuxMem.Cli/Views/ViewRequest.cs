using LinuxMem.Simulation.Tracing;

namespace LinuxMem.Cli.Views;

/// <summary>The files that show how a run went, as the options ask for them; null for those not wanted.</summary>
internal sealed record ViewRequest
{
    /// <summary>Gets the events.</summary>
    public string? Events { get; init; }

    /// <summary>perf or json; null goes by the name of the file.</summary>
    public string? EventsFormat { get; init; }

    /// <summary>Gets a trace in Chrome's format.</summary>
    public string? Trace { get; init; }

    /// <summary>Gets folded stacks.</summary>
    public string? Folded { get; init; }

    /// <summary>Gets the report as a page of HTML.</summary>
    public string? Report { get; init; }

    /// <summary>Which events.</summary>
    public TraceFilter Filter { get; init; } = TraceFilter.All;

    /// <summary>Whether the events are written as JSON.</summary>
    public bool WritesJson => EventsFormat is { } format ? format == "json"
        : Events!.Contains(".json", StringComparison.Ordinal);
}
