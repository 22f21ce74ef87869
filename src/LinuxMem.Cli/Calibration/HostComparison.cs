using LinuxMem.Simulation.Results;

namespace LinuxMem.Cli.Calibration;

/// <summary>Puts what the host does beside what the simulated machine does with the host's costs.</summary>
internal static class HostComparison
{
    private const string Processes = "processes";
    private const string Threads = "threads";

    /// <summary>A row for a test.</summary>
    /// <param name="host">What was measured.</param>
    /// <param name="curve">The test here, with 1 and 2 CPUs, in both modes.</param>
    public static HostScaleRow Row(HostScale host, ScaleCurve curve)
    {
        HostPoint p1 = host.Of(curve.Test, Processes, 1), p2 = host.Of(curve.Test, Processes, 2);
        HostPoint t1 = host.Of(curve.Test, Threads, 1), t2 = host.Of(curve.Test, Threads, 2);
        ScaleSeries processes = curve.Series.Single(series => series.Mode == Processes);
        ScaleSeries threads = curve.Series.Single(series => series.Mode == Threads);
        HostPoint[] all = [p1, p2, t1, t2];
        return new HostScaleRow(curve.Test, p2.PerSecond / p1.PerSecond, t2.PerSecond / t1.PerSecond,
            t2.PerSecond / p2.PerSecond, processes.SpeedupOf(processes.Points[^1]),
            threads.SpeedupOf(threads.Points[^1]), threads.Points[^1].PerSecond / processes.Points[^1].PerSecond,
            all.Max(point => point.SpreadPercent), all.Any(point => point.IsNoisy));
    }
}
