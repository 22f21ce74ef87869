using LinuxMem.Simulation.Results;

namespace LinuxMem.Cli.Seams;

/// <summary>Runs tests of will-it-scale.</summary>
internal interface IScaleRuns
{
    /// <summary>The tests: names and what they do.</summary>
    IReadOnlyList<(string Name, string Description)> Tests { get; }

    /// <summary>Runs a test at every number of CPUs.</summary>
    /// <param name="request">What to run. Precondition: the test is one of <see cref="Tests"/>.</param>
    /// <param name="done">Hears of every point, as it is done.</param>
    /// <param name="cancel">Ends it early.</param>
    /// <exception cref="LinuxMem.Simulation.ConfigurationException">The settings ask for what cannot be.</exception>
    /// <exception cref="OperationCanceledException">It was ended early.</exception>
    ScaleCurve Run(ScaleRequest request, Action<string> done, CancellationToken cancel);
}

/// <summary>What a test is run for.</summary>
/// <param name="Test">Its name.</param>
/// <param name="Cpus">Numbers of CPUs, rising; the first is 1.</param>
/// <param name="Modes">"processes", "threads".</param>
/// <param name="Locks">"per-vma", "mmap_lock"; processes, which share none of them, are run with the last only.</param>
/// <param name="WindowNs">For how long operations are counted.</param>
/// <param name="Threads">Worker threads.</param>
/// <param name="Sets">Settings of the machine, key=value.</param>
internal sealed record ScaleRequest(
    string Test, IReadOnlyList<int> Cpus, IReadOnlyList<string> Modes, IReadOnlyList<string> Locks, long WindowNs,
    int Threads, IReadOnlyList<string> Sets)
{
    /// <summary>What page_fault1 maps at a time, in bytes; null for what will-it-scale has.</summary>
    public ulong? RegionBytes { get; init; }
}
