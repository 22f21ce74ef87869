namespace LinuxMem.Simulation.Settings;

/// <summary>How often the invariants of the machine are checked.</summary>
public enum AuditLevel
{
    /// <summary>Never.</summary>
    Off,

    /// <summary>When the run has ended.</summary>
    End,

    /// <summary>After every round in which the kernel did something, and at the end.</summary>
    Round,
}

/// <summary>Knobs of the simulator itself. None of them changes a result.</summary>
public sealed record EngineSettings
{
    /// <summary>How far CPUs run ahead of each other, in nanoseconds, at most.</summary>
    public long WindowNs { get; init; } = 50_000;

    /// <summary>Worker threads, 1 to 64.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>How often the invariants are checked.</summary>
    public AuditLevel Audit { get; init; } = AuditLevel.End;

    /// <summary>Whether the first violation that a check finds ends the run, as a <see cref="KernelBug"/>.</summary>
    public bool StopAtViolation { get; init; }

    /// <summary>
    /// Seed of the message schedule; null lets messages run in their natural order. For tests: any schedule gives the
    /// same results.
    /// </summary>
    public ulong? ScheduleSeed { get; init; }

    /// <summary>
    /// When the texts of /proc are taken down, in nanoseconds of virtual time, in rising order; see
    /// <see cref="Results.RunResult.ProcTrees"/>.
    /// </summary>
    public IReadOnlyList<long> ProcAtNs { get; init; } = [];

    /// <summary>Takes the events of the run; null if nobody listens.</summary>
    public Tracing.ITraceSink? Events { get; init; }

    /// <summary>Whether it is counted what tasks waited for.</summary>
    public bool LockStatistics { get; init; } = true;

    /// <summary>The run stops with an error at this virtual time, in nanoseconds.</summary>
    public long MaxVirtualNs { get; init; } = 3_600_000_000_000;
}
