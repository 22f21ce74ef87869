using LinuxMem.Audit.Indexes;
using LinuxMem.Audit.Snapshots;

namespace LinuxMem.Audit.Checkers;

/// <summary>
/// Verifies I04: every free block is aligned to its order, lies in the zone whose list it is on, has an order of at
/// most 10 (and its zone's largest) that its head's descriptor repeats, and overlaps no other. Does not verify that
/// the tags of other frames keep out of it (I01).
/// </summary>
/// <remarks>Linux: mm/page_alloc.c: __free_one_page, bad_range, v6.18.</remarks>
internal sealed class BuddyBlockChecker : IChecker
{
    /// <summary>The highest order (MAX_PAGE_ORDER).</summary>
    public const int MaxOrder = 10;

    /// <inheritdoc/>
    public IReadOnlyList<string> Ids { get; } = ["I04"];

    /// <inheritdoc/>
    public void Check(SnapshotIndex index, ViolationSink sink)
    {
        foreach (ref FreeBlockRecord block in index.Snapshot.FreeBlocks.Items)
            CheckBlock(index, in block, sink);
        CheckOverlap(index, sink);
    }

    private static void CheckBlock(SnapshotIndex index, in FreeBlockRecord block, ViolationSink sink)
    {
        MachineSnapshot snapshot = index.Snapshot;
        if (block.Order is < 0 or > MaxOrder)
        {
            sink.Report("I04", $"free block 0x{block.Pfn:x} has order {block.Order}");
            return;
        }

        if ((block.Pfn & ((1u << block.Order) - 1)) != 0)
            sink.Report("I04", $"free block 0x{block.Pfn:x} is not aligned to its order {block.Order}");
        if ((uint)block.ZoneIndex >= (uint)snapshot.Zones.Count)
        {
            sink.Report(
                "I04", $"free block 0x{block.Pfn:x} is on a list of zone {block.ZoneIndex}, which is not there");
            return;
        }

        ref ZoneRecord zone = ref snapshot.Zones[block.ZoneIndex];
        if (block.Order > zone.MaxOrder)
            sink.Report("I04", $"free block 0x{block.Pfn:x} has order {block.Order}, above {zone.MaxOrder}");
        if (block.Pfn < zone.StartPfn || block.Pfn + (1L << block.Order) > zone.EndPfn)
            sink.Report("I04", $"free block 0x{block.Pfn:x} of order {block.Order} is not inside zone {zone.Name}");
        int head = index.Frames.Find(block.Pfn);
        if (head >= 0 && snapshot.Frames[head].Order != block.Order)
        {
            sink.Report("I04", $"free block 0x{block.Pfn:x} is on the list of order {block.Order}, "
                + $"but its head says {snapshot.Frames[head].Order}");
        }
    }

    private static void CheckOverlap(SnapshotIndex index, ViolationSink sink)
    {
        ReadOnlySpan<int> blocks = index.Uses.Blocks;
        MachineSnapshot snapshot = index.Snapshot;
        int count = snapshot.Frames.Count;
        int previous = -1;
        for (int i = 0; i < count; i++)
        {
            if (blocks[i] == 0)
                continue;
            int block = blocks[i] - 1;
            if (previous >= 0 && snapshot.FreeBlocks[block].Pfn < End(snapshot, previous))
            {
                sink.Report("I04", $"free block 0x{snapshot.FreeBlocks[block].Pfn:x} lies inside "
                    + $"free block 0x{snapshot.FreeBlocks[previous].Pfn:x} "
                    + $"of order {snapshot.FreeBlocks[previous].Order}");
            }

            if (previous < 0 || End(snapshot, block) > End(snapshot, previous))
                previous = block;
        }
    }

    private static long End(MachineSnapshot snapshot, int block) =>
        snapshot.FreeBlocks[block].Pfn + (1L << (snapshot.FreeBlocks[block].Order & 31));
}
