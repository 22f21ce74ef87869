namespace LinuxMem.Simulation.Tracing;

/// <summary>Notes when one of some events happens for the first time.</summary>
/// <param name="points">Which.</param>
public sealed class FirstEvent(IReadOnlySet<Tracepoint> points) : ITraceSink
{
    /// <summary>The moment, in nanoseconds of virtual time; null while none has happened.</summary>
    public long? AtNs { get; private set; }

    /// <inheritdoc/>
    public void Take(ReadOnlySpan<TraceEvent> events)
    {
        if (AtNs is not null)
            return;
        foreach (ref readonly TraceEvent one in events)
        {
            if (points.Contains(one.Point) && (AtNs is null || one.AtNs < AtNs))
                AtNs = one.AtNs;
        }
    }
}
