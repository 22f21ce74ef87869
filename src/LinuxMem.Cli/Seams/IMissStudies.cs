using LinuxMem.Simulation.Results;

namespace LinuxMem.Cli.Seams;

/// <summary>Carries the references of a log through replacement policies.</summary>
internal interface IMissStudies
{
    /// <summary>Reads a log and finds what misses.</summary>
    /// <exception cref="LinuxMem.Simulation.ConfigurationException">What is wrong with the log.</exception>
    /// <exception cref="IOException">The log cannot be read.</exception>
    /// <exception cref="OperationCanceledException">It was ended early.</exception>
    MissStudy Run(MissRequest request, CancellationToken cancel);
}

/// <summary>What a study is asked for.</summary>
/// <param name="Log">A log of lackey, a text of page numbers, or "-" for the standard input.</param>
/// <param name="Policies">Names of policies.</param>
/// <param name="Frames">Sizes of memory; none for powers of 2.</param>
/// <param name="Seed">Seed of what policies draw.</param>
internal sealed record MissRequest(
    string Log, IReadOnlyList<string> Policies, IReadOnlyList<int> Frames, ulong Seed);

/// <summary>What came of it.</summary>
/// <param name="Curve">The misses.</param>
/// <param name="Rejected">Lines of the log that are none.</param>
/// <param name="RejectedMessages">What is wrong with the first of them.</param>
internal sealed record MissStudy(MissRatioCurve Curve, long Rejected, IReadOnlyList<string> RejectedMessages);
