using LinuxMem.Audit.Indexes;
using LinuxMem.Audit.Snapshots;

namespace LinuxMem.Audit.Checkers;

/// <summary>
/// Verifies of I09 what the small sections show: no frame is free of which somebody was told that it is out of use,
/// whatever its flags say now. <see cref="HwPoisonChecker"/> reports it.
/// </summary>
/// <remarks>Linux: mm/page_alloc.c: __free_pages_prepare, which keeps them back, v6.18.</remarks>
internal sealed class StruckFrameChecker : IChecker
{
    /// <inheritdoc/>
    public IReadOnlyList<string> Ids { get; } = [];

    /// <inheritdoc/>
    public void Check(SnapshotIndex index, ViolationSink sink) => CheckFree(index.Snapshot, sink);

    /// <summary>Reports the ones that are free.</summary>
    internal static void CheckFree(MachineSnapshot snapshot, ViolationSink sink)
    {
        foreach (uint pfn in snapshot.Struck.Items)
        {
            bool isFree = false;
            foreach (ref FreeBlockRecord block in snapshot.FreeBlocks.Items)
                isFree |= pfn >= block.Pfn && pfn - block.Pfn < 1L << block.Order;
            foreach (ref PcpPageRecord page in snapshot.PcpPages.Items)
                isFree |= pfn == page.Pfn;
            if (isFree)
                sink.Report("I09", $"frame 0x{pfn:x} had a memory error and is free");
        }
    }
}
