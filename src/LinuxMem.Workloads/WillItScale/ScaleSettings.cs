using LinuxMem.Simulation.Settings;

namespace LinuxMem.Workloads.WillItScale;

/// <summary>Whether the copies of a test are processes or threads of one.</summary>
public enum ScaleMode
{
    /// <summary>Each copy is a process.</summary>
    Processes,

    /// <summary>All copies are threads of one process.</summary>
    Threads,
}

/// <summary>How a test is run.</summary>
/// <param name="Mode">Processes or threads.</param>
/// <param name="Tasks">Copies of the test, as many as there are CPUs; 1 to 512.</param>
public sealed record ScaleSettings(ScaleMode Mode, int Tasks)
{
    /// <summary>For how long operations are counted, in nanoseconds of virtual time.</summary>
    public long WindowNs { get; init; } = 10_000_000;

    /// <summary>What page_fault1 maps at a time, in bytes; will-it-scale has 128 MiB.</summary>
    public ulong RegionBytes { get; init; } = 128UL << 20;

    /// <summary>
    /// The machine, but for CPUs and memory; its contents are not kept, so that big machines are small.
    /// </summary>
    public MachineSettings Machine { get; init; } = new();

    /// <summary>The simulator's knobs.</summary>
    public EngineSettings Engine { get; init; } = new() { Audit = AuditLevel.Off };

    /// <summary>Between the starts of two copies, which get ready and then wait for each other.</summary>
    public const long StaggerNs = 100_000;

    /// <summary>When all copies begin at once.</summary>
    public long BeginNs => (StaggerNs * Tasks) + 1_000_000;

    /// <summary>When the run ends.</summary>
    public long EndNs => BeginNs + WindowNs;
}
