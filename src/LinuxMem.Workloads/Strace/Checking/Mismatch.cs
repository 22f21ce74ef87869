namespace LinuxMem.Workloads.Strace;

/// <summary>An answer of the simulated kernel that is not the logged one.</summary>
/// <param name="Line">The line of the log where the call ends.</param>
/// <param name="Call">The call as the log shows it.</param>
/// <param name="Expected">What Linux answered.</param>
/// <param name="Actual">What the simulator answers.</param>
/// <param name="Before">Mappings of the simulated task around the address before the call; empty if not known.</param>
/// <param name="After">The same after it.</param>
public sealed record Mismatch(long Line, string Call, string Expected, string Actual, IReadOnlyList<string> Before,
    IReadOnlyList<string> After);
