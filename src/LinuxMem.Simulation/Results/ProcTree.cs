namespace LinuxMem.Simulation.Results;

/// <summary>The texts of /proc and /sys as they were at one moment of a run.</summary>
/// <param name="AtNs">
/// The moment, in nanoseconds of virtual time: before anything that happens at it. The end of the run if that came
/// first.
/// </param>
/// <param name="Files">
/// Every file with its path, which begins with "proc/" or "sys/" and has no ".." in it, in a fixed order.
/// </param>
/// <param name="Links">Every symbolic link with its path, and what it points to, which lies beside it.</param>
public sealed record ProcTree(
    long AtNs, IReadOnlyList<KeyValuePair<string, string>> Files, IReadOnlyList<KeyValuePair<string, string>> Links);
