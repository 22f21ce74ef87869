using System.Runtime.CompilerServices;

namespace LinuxMem.Simulation.Tracing;

/// <summary>Numbers of an event; their meaning depends on the tracepoint (<see cref="Tracepoints"/>).</summary>
[InlineArray(Count)]
public struct TraceNumbers
{
    /// <summary>How many an event can carry.</summary>
    public const int Count = 7;

    private long first;
}

/// <summary>One event of a run, as a value: what happened, when, where, to whom.</summary>
/// <remarks>Nothing in it refers to the kernel's objects; the text is a constant or a name that lives anyway.</remarks>
public struct TraceEvent
{
    /// <summary>When, in nanoseconds of virtual time.</summary>
    public long AtNs;

    /// <summary>Its numbers.</summary>
    public TraceNumbers Numbers;

    /// <summary>A name that belongs to it, or null.</summary>
    public string? Text;

    /// <summary>The process; 0 for none.</summary>
    public int Pid;

    /// <summary>The task, or one of <see cref="KernelThreads"/>.</summary>
    public int Tid;

    /// <summary>The CPU; -1 for what the kernel does on none.</summary>
    public int Cpu;

    /// <summary>What happened.</summary>
    public Tracepoint Point;
}

/// <summary>Who acts where no simulated task does: numbers that none has.</summary>
public static class KernelThreads
{
    /// <summary>A CPU without a task.</summary>
    public const int Swapper = 0;

    /// <summary>Reclaims memory.</summary>
    public const int Kswapd = -1;

    /// <summary>Writes dirty pages.</summary>
    public const int Flusher = -2;

    /// <summary>The interrupts of devices.</summary>
    public const int Interrupt = -3;

    /// <summary>Merges equal pages.</summary>
    public const int Ksmd = -4;

    /// <summary>Starts the scenario's processes: process 1, which is not simulated.</summary>
    public const int Init = 1;

    /// <summary>Frees what TLBs have forgotten.</summary>
    public const int Rcu = -5;

    private static readonly string[] Names = ["swapper", "kswapd0", "kworker/flush", "irq", "ksmd", "rcu"];

    /// <summary>The name of one; null for a task.</summary>
    public static string? NameOf(int tid) =>
        tid == Init ? "init" : tid <= 0 && -tid < Names.Length ? Names[-tid] : null;
}
