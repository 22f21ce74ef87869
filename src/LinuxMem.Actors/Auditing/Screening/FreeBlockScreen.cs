using LinuxMem.Audit.Snapshots;

namespace LinuxMem.Actors.Auditing.Screening;

/// <summary>Looks at the free blocks: I04 and I05, and which frames lie inside them.</summary>
internal sealed class FreeBlockScreen(FrameLedger ledger)
{
    private const int MostOrders = 10;
    private const int MergeableTypes = 3;
    private readonly int[] keys = new int[ledger.FrameCount];
    private readonly List<uint> gone = [];

    /// <summary>Order, migrate type and zone of the free block that a frame is the first of, if it is.</summary>
    public ReadOnlySpan<int> Keys => keys;

    /// <summary>The order in a key.</summary>
    public static int OrderOf(int key) => key & 0xff;

    /// <summary>Takes in the blocks of a snapshot.</summary>
    public void Look(MachineSnapshot snapshot)
    {
        Span<FreeBlockRecord> blocks = snapshot.FreeBlocks.Items;
        ledger.Blocks.Begin();
        foreach (ref FreeBlockRecord block in blocks)
        {
            if (!IsSound(snapshot, in block))
            {
                ledger.Suspect();
                return;
            }

            Take(in block);
        }

        gone.Clear();
        ledger.Blocks.End(gone);
        foreach (uint pfn in gone)
            Cover(pfn, -1);
        foreach (ref FreeBlockRecord block in blocks)
        {
            if (IsUnmerged(block.Pfn))
                ledger.Suspect();
        }
    }

    // Every zone of a machine has the same.
    private int maxOrder = MostOrders;

    private bool IsSound(MachineSnapshot snapshot, in FreeBlockRecord block)
    {
        if (block.Order is < 0 or > MostOrders || (block.Pfn & ((1u << block.Order) - 1)) != 0
            || (uint)block.ZoneIndex >= (uint)snapshot.Zones.Count)
            return false;
        ref ZoneRecord zone = ref snapshot.Zones[block.ZoneIndex];
        long end = block.Pfn + (1L << block.Order);
        maxOrder = zone.MaxOrder;
        return block.Order <= maxOrder && block.Pfn >= zone.StartPfn && end <= zone.EndPfn && end <= ledger.FrameCount;
    }

    private void Take(in FreeBlockRecord block)
    {
        uint pfn = block.Pfn;
        int key = block.Order | (block.MigrateType << 8) | (block.ZoneIndex << 16);
        bool was = ledger.Blocks.WasThere(pfn);
        if (!ledger.Blocks.Add(pfn) || (was && keys[pfn] == key))
            return;
        if (was)
        {
            ledger.Touch(pfn);
            Cover(pfn, -1);
        }

        keys[pfn] = key;
        Cover(pfn, 1);
    }

    private void Cover(uint pfn, int by)
    {
        uint end = pfn + (1u << OrderOf(keys[pfn]));
        for (uint inside = pfn + 1; inside < end; inside++)
            ledger.Change(inside).Inside += by;
    }

    // Each pair is looked at from its lower half.
    private bool IsUnmerged(uint pfn)
    {
        int key = keys[pfn];
        uint buddy = pfn ^ (1u << OrderOf(key));
        return OrderOf(key) < maxOrder && buddy > pfn && buddy < ledger.FrameCount && ledger.Blocks.Has(buddy)
            && TypeOf(key) < MergeableTypes && TypeOf(keys[buddy]) < MergeableTypes
            && ((key ^ keys[buddy]) & ~0xff00) == 0;
    }

    private static int TypeOf(int key) => (key >> 8) & 0xff;
}
