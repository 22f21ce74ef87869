namespace LinuxMem.Simulation.Results;

/// <summary>A ratio that was measured on a host: the median of some rounds, and 95% bounds of it.</summary>
/// <param name="Median">The ratio.</param>
/// <param name="Low">It is hardly lower.</param>
/// <param name="High">It is hardly higher.</param>
/// <param name="Rounds">Rounds that count.</param>
public readonly record struct HostRatio(double Median, double Low, double High, int Rounds)
{
    /// <summary>Too few rounds count.</summary>
    public static HostRatio Unknown => default;

    /// <summary>Whether it is known.</summary>
    public bool IsKnown => Rounds > 0;
}

/// <summary>A test on the host and here: how much more two tasks do than one, and threads beside processes.</summary>
/// <param name="Test">Its name.</param>
/// <param name="HostProcesses">On the host, two processes over one.</param>
/// <param name="HostThreads">On the host, two threads over one.</param>
/// <param name="HostRatio">On the host, two threads over two processes.</param>
/// <param name="Processes">Here, two processes over one.</param>
/// <param name="Threads">Here, two threads over one.</param>
/// <param name="Ratio">Here, two threads over two processes.</param>
public sealed record HostScaleRow(
    string Test, HostRatio HostProcesses, HostRatio HostThreads, HostRatio HostRatio, double Processes, double Threads,
    double Ratio)
{
    private const double MostOff = 0.25;

    /// <summary>
    /// How far the ratio of threads to processes is from the host's, as a share of that; 0 if that is not known.
    /// </summary>
    public double Off => HostRatio.IsKnown ? OffFrom(HostRatio.Median) : 0;

    /// <summary>Whether the host was too busy for it to be known.</summary>
    public bool IsSkipped => !HostRatio.IsKnown;

    /// <summary>Whether it is more than a quarter off, wherever in its bounds the host's ratio lies.</summary>
    public bool Differs => !IsSkipped
        && (OffFrom(HostRatio.High) > MostOff || OffFrom(HostRatio.Low) < -MostOff);

    /// <summary>Whether it is within a quarter, wherever in its bounds the host's ratio lies.</summary>
    public bool Agrees => !IsSkipped
        && OffFrom(HostRatio.Low) <= MostOff && OffFrom(HostRatio.High) >= -MostOff;

    /// <summary>What came of it.</summary>
    public string Verdict => IsSkipped ? "skipped: the host is busy" : Differs ? "differs" : Agrees ? "ok" : "unsure";

    private double OffFrom(double host) => (Ratio / host) - 1;
}
