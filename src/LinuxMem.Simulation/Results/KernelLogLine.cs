namespace LinuxMem.Simulation.Results;

/// <summary>A line that the simulated kernel has printed (dmesg).</summary>
/// <param name="AtNs">When, in nanoseconds of virtual time.</param>
/// <param name="Text">What, without a line end.</param>
public readonly record struct KernelLogLine(long AtNs, string Text);
