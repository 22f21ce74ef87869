namespace LinuxMem.Simulation.Results;

/// <summary>What tasks waited for: the locks of a run, as `perf lock contention` shows them.</summary>
public sealed record LockReport
{
    /// <summary>By class of lock.</summary>
    public required IReadOnlyList<LockClassResult> Classes { get; init; }

    /// <summary>By class, mode and call, those who waited longest in all first.</summary>
    public required IReadOnlyList<LockCallResult> Calls { get; init; }

    /// <summary>The ten instances that were waited for longest in all.</summary>
    public required IReadOnlyList<LockInstanceResult> Instances { get; init; }

    /// <summary>The ten longest waits, longest first.</summary>
    public required IReadOnlyList<LockWaitResult> Worst { get; init; }

    /// <summary>Whether anybody waited.</summary>
    public bool AnyContended => Calls.Count > 0;
}

/// <summary>How often something took how long, in nanoseconds of virtual time.</summary>
public readonly record struct LockTimes(long Count, long TotalNs, long MaxNs, long P50Ns, long P90Ns, long P99Ns);

/// <summary>A class of locks.</summary>
/// <param name="Class">Its name.</param>
/// <param name="Acquired">How often one was taken.</param>
/// <param name="Waits">The waits for them.</param>
/// <param name="Holds">For how long they were held, where others could have waited.</param>
public sealed record LockClassResult(string Class, long Acquired, LockTimes Waits, LockTimes Holds);

/// <summary>Waits of a call, or of page faults, for a class of locks.</summary>
/// <param name="Class">The class.</param>
/// <param name="Writes">Whether it wanted the lock alone.</param>
/// <param name="Call">The call.</param>
/// <param name="Waits">The waits.</param>
public sealed record LockCallResult(string Class, bool Writes, string Call, LockTimes Waits);

/// <summary>Waits for one lock.</summary>
/// <param name="Class">The class.</param>
/// <param name="Instance">Which one.</param>
/// <param name="Waits">The waits.</param>
public sealed record LockInstanceResult(string Class, long Instance, LockTimes Waits);

/// <summary>One wait.</summary>
/// <param name="Class">For which class of lock.</param>
/// <param name="Instance">For which one.</param>
/// <param name="AtNs">Since when.</param>
/// <param name="WaitNs">How long.</param>
/// <param name="Tid">Who waited.</param>
/// <param name="Call">In which call.</param>
/// <param name="HolderTid">Who had it; 0 if that is not known.</param>
/// <param name="HolderCall">In which call.</param>
public sealed record LockWaitResult(
    string Class, long Instance, long AtNs, long WaitNs, int Tid, string Call, int HolderTid, string HolderCall);
