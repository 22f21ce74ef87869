namespace LinuxMem.Benchmarks.Measuring;

/// <summary>Clocks and gauges.</summary>
internal static class Measure
{
    /// <summary>
    /// Seconds that it takes, the best of so many times: what disturbs a run only ever makes it longer.
    /// </summary>
    public static double Best(int times, Func<double> seconds)
    {
        double best = double.MaxValue;
        for (int i = 0; i < times; i++)
            best = Math.Min(best, seconds());
        return best;
    }

    /// <summary>Seconds of the calling thread's CPU time that it takes, once.</summary>
    public static double Seconds(Action action)
    {
        long startNs = Clock.ThreadNs();
        action();
        return (Clock.ThreadNs() - startNs) / 1e9;
    }

    /// <summary>Seconds of wall time that it takes, once.</summary>
    public static double WallSeconds(Action action)
    {
        long startNs = Clock.WallNs();
        action();
        return (Clock.WallNs() - startNs) / 1e9;
    }

    /// <summary>
    /// Runs it and returns its wall seconds and the most memory that the process had meanwhile, in GiB; NaN where Linux
    /// does not say.
    /// </summary>
    public static (double Seconds, double PeakGiB) WithPeak(Action action)
    {
        GC.Collect();
        bool isLinux = OperatingSystem.IsLinux();
        if (isLinux)
            File.WriteAllText("/proc/self/clear_refs", "5");
        double seconds = WallSeconds(action);
        if (!isLinux)
            return (seconds, double.NaN);
        string peak = File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmHWM:"));
        return (seconds, double.Parse(peak.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]) / (1 << 20));
    }
}
