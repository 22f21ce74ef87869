namespace LinuxMem.Simulation.Tests.Rounds;

/// <summary>What a CPU of the fuzz does: runs, traps, and goes on or sleeps when it was served.</summary>
/// <param name="RunNs">From its resumption to its trap.</param>
/// <param name="CostNs">What the service takes, at least 1.</param>
/// <param name="SleepNs">How long after the service it wakes; -1 to go on at once.</param>
/// <param name="Target">The CPU that the trap interrupts, modulo their number; -1 for none.</param>
public readonly record struct CpuStep(long RunNs, long CostNs, long SleepNs, int Target);

/// <summary>A step of the kernel's history.</summary>
public readonly record struct Served(long AtNs, int Cpu, bool IsTrap, ulong State);

/// <summary>What both simulations of the fuzz have in common: the state that the order of service makes.</summary>
internal sealed class FuzzHistory
{
    /// <summary>What an interrupt costs the CPU that it reaches.</summary>
    public const long InterruptNs = 7;

    private Digest digest;

    public List<Served> All { get; } = [];

    public void Note(long atNs, int cpu, bool isTrap)
    {
        digest.Add(atNs);
        digest.Add((long)cpu);
        All.Add(new Served(atNs, cpu, isTrap, digest.Value));
    }

    /// <summary>The cost of a step, which depends on all that was served before.</summary>
    public long CostNs(in CpuStep step) => step.CostNs + (long)(digest.Value % 5);
}
