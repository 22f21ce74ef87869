namespace LinuxMem.Mm;

/// <summary>Where and when the kernel was entered.</summary>
/// <param name="Cpu">The CPU.</param>
/// <param name="NowNs">The virtual time of the trap.</param>
public readonly record struct TrapPoint(int Cpu, long NowNs);
