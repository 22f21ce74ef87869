namespace LinuxMem.Simulation.Tracing;

/// <summary>Which events are wanted.</summary>
public sealed record TraceFilter
{
    /// <summary>Everything.</summary>
    public static TraceFilter All { get; } = new();

    /// <summary>The first moment, in nanoseconds of virtual time.</summary>
    public long FromNs { get; init; }

    /// <summary>The moment behind the last.</summary>
    public long ToNs { get; init; } = long.MaxValue;

    /// <summary>The kinds; null for all.</summary>
    public IReadOnlySet<Tracepoint>? Points { get; init; }

    /// <summary>The processes; null for all, and for what no process does.</summary>
    public IReadOnlySet<int>? Pids { get; init; }

    /// <summary>Whether an event is wanted.</summary>
    public bool Wants(in TraceEvent told) => told.AtNs >= FromNs && told.AtNs < ToNs
        && (Points is null || Points.Contains(told.Point)) && (Pids is null || Pids.Contains(told.Pid));
}
