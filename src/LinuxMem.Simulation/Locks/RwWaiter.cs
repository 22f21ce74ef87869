namespace LinuxMem.Simulation.Locks;

/// <summary>Where a task stands that waits for a <see cref="RwSemaphore"/>.</summary>
public enum RwState : byte
{
    /// <summary>It does not wait.</summary>
    None,

    /// <summary>It sleeps in the queue.</summary>
    Queued,

    /// <summary>A writer at the head of the queue that was woken and has yet to try again.</summary>
    Woken,

    /// <summary>A reader that was woken: it has the lock, and has yet to run.</summary>
    Granted,
}

/// <summary>A task in the queue of a <see cref="RwSemaphore"/>; one object serves the task for all its waits.</summary>
/// <remarks>Linux: kernel/locking/rwsem.c: struct rwsem_waiter, v6.18.</remarks>
/// <param name="tid">The task.</param>
public sealed class RwWaiter(int tid)
{
    /// <summary>The task.</summary>
    public int Tid { get; } = tid;

    /// <summary>Where it stands.</summary>
    public RwState State { get; internal set; }

    /// <summary>Whether it waits, or has what it waited for and has not used it yet.</summary>
    public bool IsActive => State != RwState.None;

    /// <summary>What it waits for; null before the first wait.</summary>
    public RwSemaphore? Lock { get; internal set; }

    /// <summary>Whether it wants the lock alone.</summary>
    public bool Writes { get; internal set; }

    /// <summary>When it asked.</summary>
    public long AskedNs { get; internal set; }

    /// <summary>When it went to sleep.</summary>
    public long SinceNs { get; internal set; }

    /// <summary>Who it is.</summary>
    public LockHolder Self { get; internal set; }

    /// <summary>Who had the lock when it asked.</summary>
    public LockHolder Blocker { get; internal set; }

    /// <summary>At the head of the queue it has waited so long that nobody may be first any more.</summary>
    public bool HandsOff { get; internal set; }

    /// <summary>Whether the trap that is served has come back to it.</summary>
    public bool IsTried { get; set; }
}
