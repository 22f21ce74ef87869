namespace LinuxMem.Simulation.Results;

/// <summary>The simulated machine waits for what will never come: the run ends there.</summary>
/// <param name="AtNs">When that was clear.</param>
/// <param name="Reason">What it waits for.</param>
public sealed record StallResult(long AtNs, string Reason);

/// <summary>
/// The actors of the machine wait for a message that will never come. Thrown when none of them runs; what was going on
/// is left half done, so no audit follows.
/// </summary>
public sealed class MachineStallsException(string reason) : Exception(reason);
