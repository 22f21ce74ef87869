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
        HostCase p1 = new(curve.Test, Processes, 1), p2 = new(curve.Test, Processes, 2);
        HostCase t1 = new(curve.Test, Threads, 1), t2 = new(curve.Test, Threads, 2);
        ScaleSeries processes = curve.Series.Single(series => series.Mode == Processes);
        ScaleSeries threads = curve.Series.Single(series => series.Mode == Threads);
        return new HostScaleRow(curve.Test, RatioOf(host, p2, p1), RatioOf(host, t2, t1), RatioOf(host, t2, p2),
            processes.SpeedupOf(processes.Points[^1]), threads.SpeedupOf(threads.Points[^1]),
            threads.Points[^1].PerSecond / processes.Points[^1].PerSecond);
    }

    private static HostRatio RatioOf(HostScale host, HostCase of, HostCase over) =>
        host.Ratio(of, over) is { } ratio
            ? new HostRatio(ratio.Median, ratio.Low, ratio.High, ratio.Count) : HostRatio.Unknown;
}
