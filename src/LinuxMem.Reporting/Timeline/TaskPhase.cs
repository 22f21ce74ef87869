namespace LinuxMem.Reporting.Timeline;

/// <summary>What a task does, or what it waits for.</summary>
public enum TaskPhase
{
    /// <summary>Runs its program.</summary>
    User,

    /// <summary>Runs in the kernel.</summary>
    Kernel,

    /// <summary>Waits for a lock.</summary>
    Lock,

    /// <summary>Could run, but has no CPU.</summary>
    Runnable,

    /// <summary>Sleeps, or waits for another process.</summary>
    Sleep,

    /// <summary>Waits for a disk.</summary>
    Io,

    /// <summary>Waits for memory.</summary>
    Memory,

    /// <summary>Waits for other CPUs to forget translations.</summary>
    Shootdown,
}

/// <summary>A stretch of time in which a task did, or waited for, one thing.</summary>
/// <param name="Phase">What.</param>
/// <param name="FromNs">Its beginning.</param>
/// <param name="ToNs">Its end.</param>
/// <param name="Lock">The class of the lock, if it waited for one.</param>
/// <param name="Holder">The task that had the lock; 0 if that is not known.</param>
public readonly record struct TaskStretch(TaskPhase Phase, long FromNs, long ToNs, string? Lock, int Holder = 0)
{
    /// <summary>How long it is.</summary>
    public long Ns => ToNs - FromNs;
}

/// <summary>Where a task stands, as the events tell it.</summary>
public sealed class TaskTime
{
    /// <summary>Its number.</summary>
    public required int Tid { get; init; }

    /// <summary>Its process.</summary>
    public required int Pid { get; init; }

    /// <summary>Its name.</summary>
    public required string Comm { get; set; }

    /// <summary>What it does.</summary>
    public TaskPhase Phase { get; set; }

    /// <summary>Since when.</summary>
    public long SinceNs { get; set; }

    /// <summary>The call that it is in; null for none.</summary>
    public string? Call { get; set; }

    /// <summary>When it began.</summary>
    public long CallNs { get; set; }

    /// <summary>When its fault began; -1 without one.</summary>
    public long FaultNs { get; set; } = -1;

    /// <summary>The kind of the fault that it waits in; null for none.</summary>
    public string? WaitingFault { get; set; }

    /// <summary>The lock that it waits for; null for none.</summary>
    public string? Lock { get; set; }

    /// <summary>The task that has the lock; 0 if that is not known.</summary>
    public int LockHolder { get; set; }

    /// <summary>Time that it has yet to wait for other CPUs' TLBs.</summary>
    public long ShootdownNs { get; set; }

    /// <summary>What its fault has come to so far; its kind is known when it is over.</summary>
    public List<TaskStretch> InFault { get; } = [];
}
