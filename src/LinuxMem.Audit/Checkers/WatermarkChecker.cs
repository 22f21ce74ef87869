using LinuxMem.Audit.Indexes;
using LinuxMem.Audit.Snapshots;

namespace LinuxMem.Audit.Checkers;

/// <summary>
/// Verifies I41: every allocation that was granted left its zone above what its kind must leave: the min watermark, of
/// which those in need may use half and, if they cannot wait, a quarter of the rest; and what the zone keeps for
/// allocations that have no other. Those that will free memory are bound by nothing.
/// </summary>
/// <remarks>Linux: mm/page_alloc.c: __zone_watermark_ok, v6.18.</remarks>
internal sealed class WatermarkChecker : IChecker
{
    /// <inheritdoc/>
    public IReadOnlyList<string> Ids { get; } = ["I41"];

    /// <inheritdoc/>
    public void Check(SnapshotIndex index, ViolationSink sink)
    {
        MachineSnapshot snapshot = index.Snapshot;
        foreach (ref AllocationRecord granted in snapshot.Allocations.Items)
        {
            if (granted.IgnoresWatermarks)
                continue;
            long mark = snapshot.Zones[granted.ZoneIndex].MinPages;
            mark -= granted.IsHigh ? mark / 2 : 0;
            mark -= granted.IsHigh && granted.CannotWait ? mark / 4 : 0;
            long left = granted.FreeBefore - ((1L << (granted.Order & 31)) - 1);
            if (left > mark + granted.Reserve)
                continue;
            sink.Report("I41", $"zone {snapshot.Zones[granted.ZoneIndex].Name} gave a block of order {granted.Order} "
                + $"away with {granted.FreeBefore} frames free; {mark} and {granted.Reserve} have to stay");
        }
    }
}
