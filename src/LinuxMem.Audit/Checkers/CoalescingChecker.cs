using LinuxMem.Audit.Indexes;
using LinuxMem.Audit.Snapshots;

namespace LinuxMem.Audit.Checkers;

/// <summary>
/// Verifies I05: no free block below the highest order has its buddy free at the same order in the same zone. Leaves
/// out blocks of migratetypes that Linux does not merge (high-atomic, CMA, isolated), and pages on per-CPU lists,
/// which are not in the buddy system.
/// </summary>
/// <remarks>Linux: mm/page_alloc.c: __free_one_page, v6.18.</remarks>
internal sealed class CoalescingChecker : IChecker
{
    private const int MergeableTypes = 3;

    /// <inheritdoc/>
    public IReadOnlyList<string> Ids { get; } = ["I05"];

    /// <inheritdoc/>
    public void Check(SnapshotIndex index, ViolationSink sink)
    {
        MachineSnapshot snapshot = index.Snapshot;
        ReadOnlySpan<int> blocks = index.Uses.Blocks;
        foreach (ref FreeBlockRecord block in snapshot.FreeBlocks.Items)
        {
            if (block.Order < 0 || block.Order >= MaxOrderOf(snapshot, block.ZoneIndex)
                || block.MigrateType >= MergeableTypes)
                continue;
            uint buddyPfn = block.Pfn ^ (1u << block.Order);
            // Each pair is looked at once, from its lower half.
            if (buddyPfn < block.Pfn)
                continue;
            int frame = index.Frames.Find(buddyPfn);
            if (frame < 0 || blocks[frame] == 0)
                continue;
            ref FreeBlockRecord buddy = ref snapshot.FreeBlocks[blocks[frame] - 1];
            if (buddy.Order == block.Order && buddy.ZoneIndex == block.ZoneIndex && buddy.MigrateType < MergeableTypes)
            {
                sink.Report(
                    "I05", $"free blocks 0x{block.Pfn:x} and 0x{buddyPfn:x} of order {block.Order} are not merged");
            }
        }
    }

    private static int MaxOrderOf(MachineSnapshot snapshot, int zone) =>
        (uint)zone < (uint)snapshot.Zones.Count ? snapshot.Zones[zone].MaxOrder : BuddyBlockChecker.MaxOrder;
}
