namespace LinuxMem.Audit.Snapshots;

/// <summary>The engine at the moment of the snapshot.</summary>
public struct EngineRecord
{
    /// <summary>Virtual time, in nanoseconds.</summary>
    public long VirtualNs { get; set; }

    /// <summary>Virtual time of the snapshot before; 0 in the first.</summary>
    public long PreviousVirtualNs { get; set; }

    /// <summary>Events handled since the start of the run.</summary>
    public long EventOrdinal { get; set; }

    /// <summary>Events handled at the snapshot before; 0 in the first.</summary>
    public long PreviousEventOrdinal { get; set; }

    /// <summary>Nothing is under way: no message, I/O, invalidation or held lock; only timers of the future.</summary>
    public bool Quiescent { get; set; }

    /// <summary>Locks held by anyone.</summary>
    public long LocksHeld { get; set; }

    /// <summary>Messages that reached nobody.</summary>
    public long DeadLetters { get; set; }

    /// <summary>Requests (faults and system calls) that were taken up.</summary>
    public long RequestsIssued { get; set; }

    /// <summary>Requests that were answered.</summary>
    public long RequestsCompleted { get; set; }

    /// <summary>Requests that wait: for a lock, for I/O, for a reply.</summary>
    public long RequestsInFlight { get; set; }

    /// <summary>Answers to, or effects of, a request that already had one.</summary>
    public long RequestsDuplicated { get; set; }

    /// <summary>Whether every process has ended, so that nothing may be left of any.</summary>
    public bool AllProcessesGone { get; set; }

    /// <summary>Frames that count as poisoned (HardwareCorrupted, in pages).</summary>
    public long PoisonedFrames { get; set; }

    /// <summary>Frames in free blocks and on per-CPU lists before the first process started.</summary>
    public long BaselineFreeFrames { get; set; }
}
