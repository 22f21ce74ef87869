using System.Numerics;
using System.Runtime.CompilerServices;
using LinuxMem.Audit.Snapshots;

namespace LinuxMem.Audit.Indexes;

/// <summary>Finds the entry that maps a virtual page, and the leaf table that translates it.</summary>
/// <remarks>
/// Blocks of 16 pages are hashed, entries within a block searched one by one: neighbours are usually mapped together,
/// so that the map is a tenth of the entries and stays in the cache.
/// </remarks>
internal sealed class PteIndex
{
    private const int BlockBits = 4;

    private readonly KeyMap blocks = new();
    private readonly KeyMap leafTables = new();
    private int leafShift = 63;
    private MachineSnapshot snapshot = new();
    private MmIndex mms = new();

    /// <summary>
    /// Takes in the entries. Refuses those of an address space that are not in strictly ascending order.
    /// </summary>
    public void Build(MachineSnapshot source, MmIndex index)
    {
        snapshot = source;
        mms = index;
        IndexLeafTables(source, index);
        blocks.Reset(source.Ptes.Count >> BlockBits);
        Span<PteRecord> ptes = source.Ptes.Items;
        for (int mm = 0; mm < source.Mms.Count; mm++)
        {
            int shift = source.Mms[mm].PageShift;
            RecordRange range = index.Ptes[mm];
            ulong previousBlock = ulong.MaxValue;
            ulong previousVa = 0;
            for (int i = range.Start; i < range.End; i++)
            {
                ulong va = ptes[i].Va;
                if (va <= previousVa && i > range.Start)
                    throw new MalformedSnapshotException($"PTE record {i} (va 0x{va:x}) is out of order");
                previousVa = va;
                ulong block = va >> shift >> BlockBits;
                if (block != previousBlock)
                    blocks.TryAdd(Key(mm, block), i);
                previousBlock = block;
            }
        }
    }

    /// <summary>The index of the entry of a virtual page in an address space (by record index), or -1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Find(int mm, ulong vpn, int pageShift)
    {
        int at = blocks.Find(Key(mm, vpn >> BlockBits));
        if (at < 0)
            return -1;
        Span<PteRecord> ptes = snapshot.Ptes.Items[..mms.Ptes[mm].End];
        int end = ptes.Length;
        ulong va = vpn << pageShift;
        // Where all pages from the block's first on are mapped, the distance of the addresses is that of the records.
        ulong guess = (ulong)at + ((va - ptes[at].Va) >> pageShift);
        if (guess < (ulong)end && ptes[(int)guess].Va == va)
            return (int)guess;
        while (at < end && ptes[at].Va < va)
            at++;
        return at < end && ptes[at].Va == va ? at : -1;
    }

    /// <summary>The index of the leaf table that translates an address, or -1.</summary>
    public int FindLeafTable(int mm, ulong va)
    {
        int table = leafTables.Find(Key(mm, va >> leafShift));
        if (table < 0)
            return -1;
        ref TableRecord leaf = ref snapshot.Tables[table];
        return va >= leaf.StartVa && va < leaf.EndVa ? table : -1;
    }

    private void IndexLeafTables(MachineSnapshot source, MmIndex index)
    {
        Span<TableRecord> tables = source.Tables.Items;
        leafTables.Reset(tables.Length);
        leafShift = 63;
        for (int mm = 0; mm < source.Mms.Count; mm++)
        {
            RecordRange range = index.Tables[mm];
            for (int i = range.Start; i < range.End; i++)
            {
                if (tables[i].Level != 0)
                    continue;
                // One geometry serves the whole machine: every leaf table translates as much as the first.
                if (leafShift == 63)
                    leafShift = BitOperations.Log2(tables[i].EndVa - tables[i].StartVa);
                leafTables.TryAdd(Key(mm, tables[i].StartVa >> leafShift), i);
            }
        }
    }

    private static ulong Key(int mm, ulong block) => ((ulong)mm << 41) | block;
}
