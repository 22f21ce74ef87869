using LinuxMem.Mm.Block;
using LinuxMem.Mm.Stats;

namespace LinuxMem.Mm.Reclaim;

/// <summary>
/// Spares those who wait for memory the looking while all that could be had is on its way to a disk that does not
/// answer.
/// </summary>
/// <remarks>
/// Linux: mm/vmscan.c: reclaim_throttle, VMSCAN_THROTTLE_WRITEBACK, v6.18: who reclaims sleeps for HZ / 10, or until
/// enough was written. Without it a lost request, which is waited for as long as 30 s, means half a million steps that
/// find nothing.
/// </remarks>
internal sealed class ReclaimRest(KernelMemory memory, IoQueue io, MemoryWaiters waiters)
{
    private const int StepsBefore = 16;
    private const long RestNs = 100_000_000;
    private int fruitless;
    private long stolenBefore;
    private long freeBefore;
    private long untilNs;
    private (int Waiters, int UnderWay, long Free, long Reclaiming) whenItBegan;

    /// <summary>Until when nobody need look again, nanoseconds; 0 where something has changed since.</summary>
    public long UntilNs => untilNs != 0 && Now == whenItBegan ? untilNs : 0;

    private long Stolen => memory.Stat[VmEvent.PgStealAnon] + memory.Stat[VmEvent.PgStealFile];

    private (int Waiters, int UnderWay, long Free, long Reclaiming) Now =>
        (waiters.Count, io.UnderWay, memory.Allocator.FreePagesTotal, memory.ReclaimingPages);

    /// <summary>A step begins: everybody looks.</summary>
    public void Begin()
    {
        untilNs = 0;
        stolenBefore = Stolen;
    }

    /// <summary>A step ends; <paramref name="anyWaits"/> says whether there is anybody who needs what it found.
    /// </summary>
    public void Judge(bool anyWaits, long nowNs)
    {
        long free = memory.Allocator.FreePagesTotal;
        bool found = Stolen > stolenBefore || free > freeBefore || memory.Coherence.HasParkedFrames;
        freeBefore = free;
        if (!anyWaits || io.UnderWay == 0 || found)
        {
            fruitless = 0;
            return;
        }

        if (++fruitless < StepsBefore)
            return;
        untilNs = nowNs + RestNs;
        whenItBegan = Now;
    }
}
