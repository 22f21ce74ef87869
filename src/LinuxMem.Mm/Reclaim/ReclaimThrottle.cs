namespace LinuxMem.Mm.Reclaim;

/// <summary>
/// Holds back who reclaims for himself and has pages on their way out: until as many have left as he has sent, he sends
/// no more, or a slow disk would have everything written out before the first page is free.
/// </summary>
/// <remarks>
/// Linux: mm/vmscan.c: reclaim_throttle (VMSCAN_THROTTLE_WRITEBACK, 100 ms at most), __acct_reclaim_writeback, v6.18,
/// which wakes a task when 32 pages for each that is held back have been written. The queue of a disk, in which tasks
/// of Linux sleep besides, has no end here.
/// </remarks>
public sealed class ReclaimThrottle
{
    private const long LongestNs = 100_000_000;
    private readonly KernelMemory memory;

    /// <summary>Over one machine's memory.</summary>
    public ReclaimThrottle(KernelMemory memory) => this.memory = memory;

    /// <summary>Whether an attempt is held back now.</summary>
    public bool Holds(ScanControl attempt, long nowNs) =>
        nowNs < attempt.HeldUntilNs && memory.ReclaimsEnded < attempt.HeldUntilEnded;

    /// <summary>An attempt has sent so many pages on their way.</summary>
    public void Sent(ScanControl attempt, long pages, long nowNs)
    {
        attempt.HeldUntilEnded = memory.ReclaimsEnded + Math.Min(pages, memory.ReclaimingPages);
        attempt.HeldUntilNs = nowNs + LongestNs;
    }
}
