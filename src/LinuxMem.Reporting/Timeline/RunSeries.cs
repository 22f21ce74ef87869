using LinuxMem.Simulation.Tracing;

namespace LinuxMem.Reporting.Timeline;

/// <summary>Memory at a moment, in pages, and faults since the sample before.</summary>
public readonly record struct MemoryPoint(
    long AtNs, long Free, long Anon, long File, long Shmem, long PageTables, long Faults);

/// <summary>Gathers of a run's events what charts are drawn of: memory over time, and where tasks spent it.</summary>
/// <remarks>Keeps at most <see cref="MostPoints"/> moments: when there are more, every second one goes.</remarks>
public sealed class RunSeries : TaskTimeline
{
    /// <summary>Moments kept at most.</summary>
    public const int MostPoints = 600;

    private readonly List<MemoryPoint> points = [];
    private readonly SortedDictionary<string, long[]> phases = new(StringComparer.Ordinal);
    private long every = 1;
    private long samples;
    private long faults;

    /// <summary>Memory over time.</summary>
    public IReadOnlyList<MemoryPoint> Points => points;

    /// <summary>By name of tasks: nanoseconds in each <see cref="TaskPhase"/>.</summary>
    public IReadOnlyDictionary<string, long[]> Phases => phases;

    /// <inheritdoc/>
    protected override void Did(TaskTime task, string? fault, in TaskStretch stretch)
    {
        if (!phases.TryGetValue(task.Comm, out long[]? times))
            phases.Add(task.Comm, times = new long[Enum.GetValues<TaskPhase>().Length]);
        times[(int)stretch.Phase] += stretch.Ns;
    }

    /// <inheritdoc/>
    protected override void Saw(in TraceEvent told)
    {
        if (told.Point != Tracepoint.MemorySample || samples++ % every != 0)
            return;
        TraceNumbers n = told.Numbers;
        points.Add(new MemoryPoint(told.AtNs, n[0], n[1], n[2], n[3], n[4], n[5] - faults));
        faults = n[5];
        if (points.Count == MostPoints)
            Thin();
    }

    /// <inheritdoc/>
    protected override void Finish()
    {
    }

    // The faults of a moment that goes are those of the next.
    private void Thin()
    {
        every *= 2;
        faults -= points[^1].Faults;
        for (int i = 0; i < points.Count / 2; i++)
        {
            long before = i == 0 ? 0 : points[(2 * i) - 1].Faults;
            points[i] = points[2 * i] with { Faults = points[2 * i].Faults + before };
        }

        points.RemoveRange(points.Count / 2, points.Count - (points.Count / 2));
    }
}
