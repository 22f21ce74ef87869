using LinuxMem.Abi;
using LinuxMem.Simulation.Choices;
using LinuxMem.Simulation.Faults;
using LinuxMem.Simulation.Sched;

namespace LinuxMem.Simulation.Settings;

/// <summary>
/// A whole run: the machine, the programs, the seed. Read from a file, made by a trace reader, or built in C#.
/// </summary>
public sealed record Scenario
{
    /// <summary>Name, for reports and file names.</summary>
    public required string Name { get; init; }

    /// <summary>A sentence on what it shows.</summary>
    public string Description { get; init; } = "";

    /// <summary>Seed of every random stream.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>The machine.</summary>
    public MachineSettings Machine { get; init; } = new();

    /// <summary>The simulator's own knobs.</summary>
    public EngineSettings Engine { get; init; } = new();

    /// <summary>
    /// When the run ends, in nanoseconds of virtual time, with its processes as they are then; null for when nothing
    /// is left to do. Nothing that happens at that moment is part of the run.
    /// </summary>
    public long? EndNs { get; init; }

    /// <summary>What is injected.</summary>
    public FaultSettings Faults { get; init; } = FaultSettings.None;

    /// <summary>CPUs that come and go, by rising time.</summary>
    public IReadOnlyList<HotplugSettings> Hotplug { get; init; } = [];

    /// <summary>The processes that init starts, in this order.</summary>
    public required IReadOnlyList<ProcessSpec> Processes { get; init; }

    /// <summary>
    /// How the machine's decisions are made where it is free to decide; null for the usual way.
    /// </summary>
    public ChoicePlan? Choices { get; init; }

    /// <summary>What is expected of the result. No part of the run.</summary>
    public IReadOnlyList<Expectation> Expect { get; init; } = [];
}

/// <summary>A CPU, or a piece of memory, that goes away or comes back.</summary>
/// <param name="AtNs">When, in nanoseconds of virtual time.</param>
/// <param name="Cpu">Which; never CPU 0.</param>
/// <param name="IsOnline">Whether it comes.</param>
public sealed record HotplugSettings(long AtNs, int Cpu, bool IsOnline)
{
    /// <summary>The first byte of memory that comes or goes in place of a CPU.</summary>
    public ulong MemoryStart { get; init; }

    /// <summary>How many bytes of memory; 0 if it is a CPU.</summary>
    public ulong MemoryBytes { get; init; }
}

/// <summary>A process to start.</summary>
/// <param name="CreateProgram">Makes its program; called once a run.</param>
/// <param name="StartNs">When, in nanoseconds of virtual time.</param>
public sealed record ProcessSpec(Func<IProgram> CreateProgram, long StartNs = 0)
{
    /// <summary>The pid it is to have; 0 lets the kernel choose.</summary>
    public int Pid { get; init; }

    /// <summary>Whose it is; 0 is root.</summary>
    public uint User { get; init; }

    /// <summary>Its resource limits.</summary>
    public ResourceLimits Limits { get; init; } = ResourceLimits.Default;

    /// <summary>
    /// Whether an access outside every VMA maps a page-sized region there instead of ending the process: for traces
    /// that do not say where the program's image and stack are. Counted in
    /// <see cref="Results.ProcessResult.InferredPages"/>.
    /// </summary>
    public bool InferMappings { get; init; }

    /// <summary>
    /// How readily it is killed when memory is out, from -1000 (never) to 1000, in thousandths of all memory
    /// (/proc/PID/oom_score_adj); its children inherit it.
    /// </summary>
    public int OomScoreAdj { get; init; }

    /// <summary>
    /// Which of the fault points that its first task passes fails (/proc/PID/fail-nth), from 1; 0 for none. It
    /// overrides probability, task filter and budgets of the points.
    /// </summary>
    public int FailNth { get; init; }

    /// <summary>Whether task filters of faults let it fail (/proc/PID/make-it-fail); its children inherit it.</summary>
    public bool MakeItFail { get; init; }

    /// <summary>The CPUs that it may run on; null for all. Children inherit it.</summary>
    public CpuMask? Affinity { get; init; }

    /// <summary>
    /// The path of the memory cgroup that it and its children belong to, one of <see cref="MachineSettings.Groups"/>;
    /// null for the root.
    /// </summary>
    public string? Group { get; init; }

    /// <summary>Whether the result is to show its mappings, and its children's, as they were at the end.</summary>
    public bool KeepsVmas { get; init; }
}
