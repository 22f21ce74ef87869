namespace LinuxMem.Simulation.Results;

/// <summary>How many references of a string miss, by policy and size of memory.</summary>
/// <param name="References">References in the string.</param>
/// <param name="Pages">Different pages among them: what every policy misses at least.</param>
/// <param name="Frames">The sizes, in frames, in rising order.</param>
/// <param name="Policies">The policies, as they were asked for.</param>
public sealed record MissRatioCurve(
    long References, long Pages, IReadOnlyList<int> Frames, IReadOnlyList<PolicyMisses> Policies);

/// <summary>What one policy misses.</summary>
/// <param name="Policy">Its name.</param>
/// <param name="Misses">References that found their page not in memory, for each of the sizes.</param>
public sealed record PolicyMisses(string Policy, IReadOnlyList<long> Misses);
