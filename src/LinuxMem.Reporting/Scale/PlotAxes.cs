using LinuxMem.Simulation.Results;

namespace LinuxMem.Reporting.Scale;

/// <summary>
/// How far the axes of a plot of speed-ups go, in powers of two: to as many as there are CPUs, and down to one, or as
/// far below as threads fall that hinder each other.
/// </summary>
/// <param name="Bottom">The least speed-up's, at most 0.</param>
/// <param name="Top">That of the most CPUs, at least 1.</param>
internal readonly record struct PlotAxes(int Bottom, double Top)
{
    private const double LeastSpeedup = 1.0 / 1024;

    /// <summary>For all points of a curve.</summary>
    public static PlotAxes Of(ScaleCurve curve)
    {
        double least = curve.Series.Min(series => series.Points.Min(point => LogOf(series, point)));
        return new PlotAxes((int)Math.Floor(Math.Min(0, least)),
            Math.Log2(Math.Max(2, curve.Series.Max(series => series.Points[^1].Cpus))));
    }

    /// <summary>The power of two that a point's speed-up is.</summary>
    public static double LogOf(ScaleSeries series, ScalePoint point) =>
        Math.Log2(Math.Max(series.SpeedupOf(point), LeastSpeedup));

    /// <summary>Where a speed-up stands between the lower end of its axis, 0, and the upper, 1.</summary>
    public double ShareOf(double log) => (log - Bottom) / (Top - Bottom);
}
