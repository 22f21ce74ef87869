using LinuxMem.Audit.Snapshots;

namespace LinuxMem.Audit.Indexes;

/// <summary>
/// Who uses each frame, recounted from the structures. All arrays are parallel to the snapshot's frame records.
/// </summary>
internal sealed class FrameUses
{
    private readonly List<DoubleClaim> doubles = [];
    private FrameClaims[] claims = [];
    private FramePlace[] places = [];
    private ulong[] pteUse = [];
    private int[] blocks = [];
    private int[] tables = [];
    private int[] lent = [];
    private int[] pteFrames = [];

    /// <summary>The structures in which a frame was found.</summary>
    public ReadOnlySpan<FrameClaims> Claims => claims;

    /// <summary>The frames' own tags, packed.</summary>
    public ReadOnlySpan<FramePlace> Places => places;

    /// <summary>For each PTE record, the index of its frame's record, or -1.</summary>
    public ReadOnlySpan<int> PteFrames => pteFrames;

    /// <summary>For each frame, one more than the index of the free block that it heads; 0 for none.</summary>
    public ReadOnlySpan<int> Blocks => blocks;

    /// <summary>For each frame, one more than the index of the table record that it holds; 0 for none.</summary>
    public ReadOnlySpan<int> Tables => tables;

    /// <summary>For each frame, how many references pipes have to it.</summary>
    public ReadOnlySpan<int> Lent => lent;

    /// <summary>Frames found twice in one structure, in the order of the structures' records.</summary>
    public IReadOnlyList<DoubleClaim> Doubles => doubles;

    /// <summary>The structures that name a frame which has no record.</summary>
    public FrameClaims Missing { get; private set; }

    /// <summary>
    /// For each frame, in the low half the entries that map it, those of the zero page left out; in the high half
    /// those that let user mode write to it, those of the zero page included.
    /// </summary>
    public ReadOnlySpan<ulong> PteUse => pteUse;

    /// <summary>Entries that map a frame, of its <see cref="PteUse"/>.</summary>
    public static int Mappings(ulong use) => (int)(uint)use;

    /// <summary>Entries that let user mode write to a frame, of its <see cref="PteUse"/>.</summary>
    public static int WritableMappings(ulong use) => (int)(use >> 32);

    /// <summary>Recounts.</summary>
    public void Build(MachineSnapshot snapshot, FrameIndex index)
    {
        int count = snapshot.Frames.Count;
        Scratch.Zeroed(ref claims, count);
        Scratch.Zeroed(ref pteUse, count);
        Scratch.Zeroed(ref blocks, count);
        Scratch.Zeroed(ref tables, count);
        Scratch.Zeroed(ref lent, count);
        Scratch.Room(ref places, count);
        doubles.Clear();
        Missing = FrameClaims.None;
        Span<FrameRecord> frames = snapshot.Frames.Items;
        for (int i = 0; i < frames.Length; i++)
            places[i] = frames[i].Place;
        ClaimFree(snapshot, index);
        ClaimUsed(snapshot, index);
        CountPtes(snapshot, index);
    }

    private void ClaimFree(MachineSnapshot snapshot, FrameIndex index)
    {
        Span<FreeBlockRecord> free = snapshot.FreeBlocks.Items;
        for (int i = 0; i < free.Length; i++)
        {
            int frame = Claim(index, free[i].Pfn, FrameClaims.Buddy, once: true);
            if (frame >= 0 && blocks[frame] == 0)
                blocks[frame] = i + 1;
        }

        // Frames come in ascending order, so one walk finds every record inside a block that began before it.
        Span<FrameRecord> frames = snapshot.Frames.Items;
        ulong end = 0;
        for (int i = 0; i < frames.Length; i++)
        {
            uint pfn = frames[i].Pfn;
            if (pfn < end)
                claims[i] |= FrameClaims.Buddy;
            if (blocks[i] != 0)
                end = Math.Max(end, pfn + (1UL << (free[blocks[i] - 1].Order & 31)));
        }

        foreach (ref PcpPageRecord page in snapshot.PcpPages.Items)
            Claim(index, page.Pfn, FrameClaims.Pcp, once: true);
    }

    private void ClaimUsed(MachineSnapshot snapshot, FrameIndex index)
    {
        Span<TableRecord> tableRecords = snapshot.Tables.Items;
        for (int i = 0; i < tableRecords.Length; i++)
        {
            int frame = Claim(index, tableRecords[i].Pfn, FrameClaims.Table, once: true);
            if (frame >= 0 && tables[frame] == 0)
                tables[frame] = i + 1;
        }

        foreach (ref CachePageRecord page in snapshot.CachePages.Items)
            Claim(index, page.Pfn, FrameClaims.Cache, once: true);
        foreach (ref ParkedFrameRecord parked in snapshot.Parked.Items)
            Claim(index, parked.Pfn, FrameClaims.Parked, once: false);
        foreach (ref LentFrameRecord page in snapshot.Lent.Items)
        {
            int frame = Claim(index, page.Pfn, FrameClaims.Lent, once: false);
            if (frame >= 0)
                lent[frame]++;
        }
    }

    private int Claim(FrameIndex index, uint pfn, FrameClaims claim, bool once)
    {
        int frame = index.Find(pfn);
        if (frame < 0)
        {
            Missing |= claim;
            return -1;
        }

        if (once && (claims[frame] & claim) != 0)
            doubles.Add(new DoubleClaim(frame, claim));
        claims[frame] |= claim;
        return frame;
    }

    private void CountPtes(MachineSnapshot snapshot, FrameIndex index)
    {
        Span<PteRecord> ptes = snapshot.Ptes.Items;
        Scratch.Room(ref pteFrames, ptes.Length);
        Span<int> frames = pteFrames.AsSpan(0, ptes.Length);
        Span<ulong> use = pteUse;
        for (int i = 0; i < ptes.Length; i++)
        {
            PteBits bits = ptes[i].Bits;
            int frame = index.Find(ptes[i].Pfn);
            frames[i] = frame;
            if (frame < 0)
            {
                Missing |= FrameClaims.Mapped;
                continue;
            }

            ulong writable = (ulong)(bits & PteBits.Write) << 32;
            if ((bits & PteBits.ZeroPage) == 0)
            {
                use[frame] += writable + 1;
                continue;
            }

            use[frame] += writable;
            claims[frame] |= FrameClaims.ZeroMapped;
        }

        Span<FrameClaims> all = claims.AsSpan(0, snapshot.Frames.Count);
        for (int i = 0; i < all.Length; i++)
            all[i] |= Mappings(use[i]) != 0 ? FrameClaims.Mapped : FrameClaims.None;
    }
}
