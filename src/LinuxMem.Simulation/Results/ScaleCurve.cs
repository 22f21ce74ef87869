namespace LinuxMem.Simulation.Results;

/// <summary>How a test of will-it-scale scales: curves over the number of CPUs.</summary>
/// <param name="Test">The test's name.</param>
/// <param name="Description">What it does.</param>
/// <param name="WindowNs">For how long operations were counted, in nanoseconds of virtual time.</param>
/// <param name="Series">The curves.</param>
public sealed record ScaleCurve(string Test, string Description, long WindowNs, IReadOnlyList<ScaleSeries> Series);

/// <summary>A curve.</summary>
/// <param name="Mode">"processes" or "threads".</param>
/// <param name="Locks">"per-vma" or "mmap_lock": what page faults take.</param>
/// <param name="Points">By rising number of CPUs; the first is one CPU.</param>
public sealed record ScaleSeries(string Mode, string Locks, IReadOnlyList<ScalePoint> Points)
{
    /// <summary>Its name in tables and legends.</summary>
    public string Name => Mode + ", " + Locks;

    /// <summary>How many times the operations of one CPU so many do.</summary>
    public double SpeedupOf(ScalePoint point) =>
        Points[0].Operations == 0 ? 0 : (double)point.Operations / Points[0].Operations;

    /// <summary>The speed-up per CPU: 1 is linear.</summary>
    public double EfficiencyOf(ScalePoint point) => SpeedupOf(point) / point.Cpus;
}

/// <summary>A point of a curve: as many copies of the test as CPUs.</summary>
/// <param name="Cpus">CPUs, and copies.</param>
/// <param name="Operations">Operations of all copies in the window.</param>
/// <param name="PerSecond">Operations a second of virtual time.</param>
/// <param name="Limit">The class of lock that was waited for longest; "" if nobody waited long.</param>
/// <param name="LimitShare">The share of all CPUs' time that these waits took.</param>
/// <param name="Digest">The digest of the run.</param>
public sealed record ScalePoint(
    int Cpus, long Operations, double PerSecond, string Limit, double LimitShare, string Digest);
