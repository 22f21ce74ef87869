using LinuxMem.Simulation.Tracing;

namespace LinuxMem.Reporting.Events;

/// <summary>Writes events as text, in order, each that the filter wants.</summary>
/// <param name="stream">Where to; stays open.</param>
/// <param name="filter">Which events.</param>
public abstract class TraceLineWriter(Stream stream, TraceFilter filter) : ITraceSink, IDisposable
{
    private protected LineBuffer Line { get; } = new(stream);

    private protected TaskNames Names { get; } = new();

    /// <inheritdoc/>
    public void Take(ReadOnlySpan<TraceEvent> events)
    {
        foreach (ref readonly TraceEvent told in events)
        {
            Names.Learn(told);
            if (filter.Wants(told))
                Write(told);
        }
    }

    /// <summary>Writes what is left.</summary>
    public void Dispose()
    {
        Line.Flush();
        GC.SuppressFinalize(this);
    }

    /// <summary>Writes one event.</summary>
    protected abstract void Write(in TraceEvent told);
}
