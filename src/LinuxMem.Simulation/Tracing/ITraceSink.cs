namespace LinuxMem.Simulation.Tracing;

/// <summary>Takes the events of a run: writes them, counts them, keeps the last.</summary>
/// <remarks>
/// Called by one thread at a time, in the order of the kernel's history sorted by virtual time; the same calls' events,
/// joined, for every number of threads and every window. What it throws ends the run.
/// </remarks>
public interface ITraceSink
{
    /// <summary>Takes some events. They are the caller's again afterwards.</summary>
    void Take(ReadOnlySpan<TraceEvent> events);
}

/// <summary>Hands events on to several.</summary>
public sealed class TraceFanOut(IReadOnlyList<ITraceSink> sinks) : ITraceSink
{
    /// <inheritdoc/>
    public void Take(ReadOnlySpan<TraceEvent> events)
    {
        foreach (ITraceSink sink in sinks)
            sink.Take(events);
    }
}
