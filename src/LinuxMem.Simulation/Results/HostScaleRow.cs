namespace LinuxMem.Simulation.Results;

/// <summary>A test on the host and here: how much more two tasks do than one, and threads beside processes.</summary>
/// <param name="Test">Its name.</param>
/// <param name="HostProcesses">On the host, two processes over one.</param>
/// <param name="HostThreads">On the host, two threads over one.</param>
/// <param name="HostRatio">On the host, two threads over two processes.</param>
/// <param name="Processes">Here, two processes over one.</param>
/// <param name="Threads">Here, two threads over one.</param>
/// <param name="Ratio">Here, two threads over two processes.</param>
/// <param name="SpreadPercent">The worst spread between the host's turns.</param>
/// <param name="IsNoisy">Whether the host was too busy for it to count.</param>
public sealed record HostScaleRow(
    string Test, double HostProcesses, double HostThreads, double HostRatio, double Processes, double Threads,
    double Ratio, int SpreadPercent, bool IsNoisy)
{
    private const double MostOff = 0.25;

    /// <summary>How far the ratio of threads to processes is from the host's, as a share of that.</summary>
    public double Off => (Ratio / HostRatio) - 1;

    /// <summary>Whether that is more than a quarter, of a number that counts.</summary>
    public bool Differs => !IsNoisy && Math.Abs(Off) > MostOff;

    /// <summary>What came of it.</summary>
    public string Verdict => IsNoisy ? "skipped: the host is busy" : Differs ? "differs" : "ok";
}
