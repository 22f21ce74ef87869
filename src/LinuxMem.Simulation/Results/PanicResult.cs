namespace LinuxMem.Simulation.Results;

/// <summary>The simulated kernel has stopped for good, as Linux does where it cannot go on.</summary>
/// <param name="AtNs">When.</param>
/// <param name="Message">What Linux prints behind "Kernel panic - not syncing: ".</param>
public sealed record PanicResult(long AtNs, string Message);
