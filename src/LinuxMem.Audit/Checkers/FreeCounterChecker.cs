using LinuxMem.Audit.Indexes;
using LinuxMem.Audit.Snapshots;

namespace LinuxMem.Audit.Checkers;

/// <summary>
/// Verifies I06: the counter of every free list equals the blocks on it, and each zone's count of free pages equals
/// their frames. Does not verify that a block's list is that of its pageblock's migratetype, which snapshots do not
/// carry.
/// </summary>
/// <remarks>Linux: mm/page_alloc.c: account_freepages, v6.18.</remarks>
internal sealed class FreeCounterChecker : IChecker
{
    private const int Types = 8;
    private const int Orders = BuddyBlockChecker.MaxOrder + 1;

    private long[] lists = [];
    private long[] zonePages = [];

    /// <inheritdoc/>
    public IReadOnlyList<string> Ids { get; } = ["I06"];

    /// <inheritdoc/>
    public void Check(SnapshotIndex index, ViolationSink sink)
    {
        MachineSnapshot snapshot = index.Snapshot;
        Scratch.Zeroed(ref lists, snapshot.Zones.Count * Orders * Types);
        Scratch.Zeroed(ref zonePages, snapshot.Zones.Count);
        foreach (ref FreeBlockRecord block in snapshot.FreeBlocks.Items)
        {
            int list = ListOf(snapshot, block.ZoneIndex, block.Order, block.MigrateType);
            if (list < 0)
                continue;
            lists[list]++;
            zonePages[block.ZoneIndex] += 1L << block.Order;
        }

        foreach (ref FreeCounterRecord counter in snapshot.FreeCounters.Items)
        {
            int list = ListOf(snapshot, counter.ZoneIndex, counter.Order, counter.MigrateType);
            if (list < 0)
                sink.Report("I06", $"a counter of order {counter.Order}, type {counter.MigrateType} is of no list");
            else
                lists[list] -= counter.Count;
        }

        Compare(snapshot, sink);
    }

    private void Compare(MachineSnapshot snapshot, ViolationSink sink)
    {
        for (int i = 0; i < snapshot.Zones.Count * Orders * Types; i++)
        {
            if (lists[i] == 0)
                continue;
            int zone = i / (Orders * Types);
            sink.Report("I06", $"zone {snapshot.Zones[zone].Name}, order {i / Types % Orders}, type {i % Types}: "
                + $"the list has {lists[i]:+0;-0} blocks against its counter");
        }

        for (int zone = 0; zone < snapshot.Zones.Count; zone++)
        {
            long counter = snapshot.Zones[zone].NrFreeCounter;
            if (counter != zonePages[zone])
            {
                sink.Report("I06", $"zone {snapshot.Zones[zone].Name} counts {counter} free pages, "
                    + $"but its blocks have {zonePages[zone]}");
            }
        }
    }

    private static int ListOf(MachineSnapshot snapshot, int zone, int order, int type) =>
        (uint)zone < (uint)snapshot.Zones.Count && (uint)order < Orders && (uint)type < Types
            ? (((zone * Orders) + order) * Types) + type
            : -1;
}
