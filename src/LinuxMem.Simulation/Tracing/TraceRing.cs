namespace LinuxMem.Simulation.Tracing;

/// <summary>Keeps the last events of a run: what went before something broke.</summary>
/// <param name="capacity">How many, at least 1.</param>
public sealed class TraceRing(int capacity) : ITraceSink
{
    private readonly TraceEvent[] ring = new TraceEvent[capacity];
    private long taken;

    /// <summary>Events that came, those included that are not kept any more.</summary>
    public long Taken => taken;

    /// <summary>The events kept, oldest first.</summary>
    public IReadOnlyList<TraceEvent> Last
    {
        get
        {
            var last = new List<TraceEvent>();
            for (long i = Math.Max(0, taken - capacity); i < taken; i++)
                last.Add(ring[i % capacity]);
            return last;
        }
    }

    /// <inheritdoc/>
    public void Take(ReadOnlySpan<TraceEvent> events)
    {
        foreach (ref readonly TraceEvent e in events)
            ring[taken++ % capacity] = e;
    }
}
