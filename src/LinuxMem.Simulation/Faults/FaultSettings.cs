namespace LinuxMem.Simulation.Faults;

/// <summary>Whether the Nth point alone fails or every one from it on.</summary>
public enum FailNthMode
{
    /// <summary>The Nth alone.</summary>
    Once,

    /// <summary>The Nth and all after it.</summary>
    AndAfter,
}

/// <summary>
/// A frame has a memory error (debugfs hwpoison/corrupt-pfn): one by its number, or the one that a process has at an
/// address.
/// </summary>
/// <param name="AtNs">When, in virtual time.</param>
/// <param name="Pfn">The frame, if <paramref name="Pid"/> is 0.</param>
/// <param name="Pid">The process; 0 for none.</param>
/// <param name="Address">Its address.</param>
public sealed record MemoryErrorEvent(long AtNs, uint Pfn, int Pid = 0, ulong Address = 0)
{
    /// <summary>What is done to the frame.</summary>
    public MemoryErrorKind Kind { get; init; }
}

/// <summary>What is done to a frame.</summary>
public enum MemoryErrorKind
{
    /// <summary>It has a memory error (corrupt-pfn, hard_offline_page).</summary>
    Hard,

    /// <summary>It is taken out of use before it has one (soft_offline_page).</summary>
    Soft,

    /// <summary>It is put back into use (unpoison-pfn).</summary>
    Unpoison,
}

/// <summary>What is injected into a run.</summary>
/// <remarks>Only <see cref="Rules"/> is Linux's; the rest serves exhaustive and replayable runs.</remarks>
public sealed record FaultSettings
{
    /// <summary>Nothing.</summary>
    public static FaultSettings None { get; } = new();

    /// <summary>The points that are switched on, at most once each; the others have their defaults.</summary>
    public IReadOnlyList<FaultRule> Rules { get; init; } = [];

    /// <summary>
    /// If not null, exactly these fail, nothing is drawn, and <see cref="Rules"/> give parameters only: the replay of
    /// a run.
    /// </summary>
    public IReadOnlyList<FaultDecision>? Decisions { get; init; }

    /// <summary>Virtual time from which nothing fails any more, in nanoseconds; null for never.</summary>
    public long? HealAtNs { get; init; }

    /// <summary>Which passing of any site, over the whole machine and from 1, is to fail; 0 for none.</summary>
    public long FailNth { get; init; }

    /// <summary>What happens after it.</summary>
    public FailNthMode FailNthMode { get; init; }

    /// <summary>
    /// The points that <see cref="FailNth"/> counts, as a pattern of their names; their filters do not apply then.
    /// </summary>
    public string FailNthPoints { get; init; } = "*";

    /// <summary>Whether points that are passed are counted though nothing fails.</summary>
    public bool Counts { get; init; }

    /// <summary>With <see cref="Counts"/>: whether the report says what each passing was.</summary>
    public bool KeepsOrder { get; init; }

    /// <summary>Memory errors (hwpoison), in the order of their moments.</summary>
    public IReadOnlyList<MemoryErrorEvent> MemoryErrors { get; init; } = [];

    /// <summary>
    /// Whether the power is cut, in thought, after every write of a disk, to see whether what was synced is there.
    /// </summary>
    public bool CutsPower { get; init; }

    /// <summary>
    /// With <see cref="CutsPower"/>: whether what the disk held at each cut is kept, to start from it.
    /// </summary>
    public bool KeepsMedium { get; init; }

    /// <summary>
    /// How often a fault in user mode is tried again before a watchdog kills the process that spins there. Linux has no
    /// such thing: it spins until somebody kills it.
    /// </summary>
    public int SpinLimit { get; init; } = 1000;

    /// <summary>Whether a run needs an injector for this, beside what its processes ask for.</summary>
    public bool IsOn => Rules.Count > 0 || Decisions is not null || FailNth > 0 || Counts || CutsPower
        || MemoryErrors.Count > 0;
}
