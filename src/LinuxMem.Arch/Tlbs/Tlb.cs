using System.Runtime.CompilerServices;
using LinuxMem.Abi;
using LinuxMem.Arch.Tlbs.Replacement;

namespace LinuxMem.Arch.Tlbs;

/// <summary>
/// A set-associative cache of translations. An entry is at one slot of the set that its tag names, or nowhere; slots
/// are numbered through the whole arena. Everything but the choice of a victim is here; <see cref="Tlb{TReplacement}"/>
/// adds that.
/// </summary>
/// <remarks>Also the page-walk cache, whose pages are the spans of leaf tables.</remarks>
internal abstract unsafe class Tlb
{
    private readonly ulong* tags;
    private readonly ulong* data;
    private readonly TlbLine* lines;
    private readonly int firstSlot;
    private readonly int firstSet;
    private readonly int setMask;
    private readonly int ways;
    private readonly int shift;

    /// <summary>An empty TLB in an arena.</summary>
    /// <param name="arena">The storage; must outlive the TLB.</param>
    /// <param name="shape">A valid shape.</param>
    /// <param name="firstSlot">Its first slot in the arena.</param>
    /// <param name="firstSet">Its first set in the arena.</param>
    /// <param name="shift">log2 of the bytes that an entry covers.</param>
    protected Tlb(TlbArena arena, TlbShape shape, int firstSlot, int firstSet, int shift)
    {
        tags = arena.Tags;
        data = arena.Data;
        lines = arena.Lines;
        this.firstSlot = firstSlot;
        this.firstSet = firstSet;
        this.shift = shift;
        setMask = shape.Sets - 1;
        ways = shape.Ways;
        EntryCount = shape.EntryCount;
    }

    /// <summary>Slots of this TLB.</summary>
    public int EntryCount { get; }

    /// <summary>A TLB with the policy that its shape names.</summary>
    public static Tlb Create(TlbArena arena, TlbShape shape, int firstSlot, int firstSet, int shift) =>
        shape.Replacement switch
        {
            TlbReplacement.Lru when arena.HasOrders =>
                new Tlb<RecencyReplacement>(arena, shape, firstSlot, firstSet, shift),
            TlbReplacement.Lru => new Tlb<LruReplacement>(arena, shape, firstSlot, firstSet, shift),
            TlbReplacement.TreePlru => new Tlb<TreePlruReplacement>(arena, shape, firstSlot, firstSet, shift),
            TlbReplacement.Fifo => new Tlb<FifoReplacement>(arena, shape, firstSlot, firstSet, shift),
            TlbReplacement.Random => new Tlb<RandomReplacement>(arena, shape, firstSlot, firstSet, shift),
            _ => throw new ArgumentOutOfRangeException(nameof(shape), shape.Replacement, "unknown replacement policy"),
        };

    /// <summary>The slot of a tag, or -1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Find(ulong tag)
    {
        int first = firstSlot + (SetOf(tag) * ways);
        int way = WaySearch.IndexOf(tags + first, ways, tag);
        return way < 0 ? -1 : first + way;
    }

    /// <summary>Whether the entry at a slot allows an access. Precondition: the slot holds an entry.</summary>
    public bool Allows(int slot, AccessKind kind) => TlbData.Allows(data[slot], kind);

    /// <summary>The frame and rights at a slot.</summary>
    public ulong DataAt(int slot) => data[slot];

    /// <summary>Notes a use.</summary>
    public abstract void Touch(int slot, long tick);

    /// <summary>Puts an entry in, into an empty slot or instead of another entry. Precondition: the tag is not
    /// there.</summary>
    /// <returns>The slot.</returns>
    public abstract int Fill(ulong tag, ulong entry, long tick);

    /// <summary>Drops the entry of a tag, if there is one.</summary>
    public void Drop(ulong tag)
    {
        int slot = Find(tag);
        if (slot >= 0)
            Clear(slot);
    }

    /// <summary>Drops an address space's entries for <paramref name="count"/> pages from page <paramref name="first"/>
    /// on.</summary>
    public void DropRange(ushort asid, ulong first, ulong count)
    {
        if (count <= (ulong)EntryCount / 8)
        {
            for (ulong page = first; page < first + count; page++)
                Drop((page << shift & TlbTag.AddressMask(shift)) | asid);
            return;
        }

        // Downwards: what a set keeps of its empty slots is then in order at once.
        for (int slot = firstSlot + EntryCount - 1; slot >= firstSlot; slot--)
        {
            ulong tag = tags[slot];
            if (tag != TlbTag.Empty && TlbTag.AsidOf(tag) == asid && (tag >> shift) - first < count)
                Clear(slot);
        }
    }

    /// <summary>Drops an address space's entries.</summary>
    public void DropAsid(ushort asid) => DropRange(asid, 0, ulong.MaxValue);

    /// <summary>Drops everything.</summary>
    public void DropAll()
    {
        for (int slot = firstSlot + EntryCount - 1; slot >= firstSlot; slot--)
        {
            if (tags[slot] != TlbTag.Empty)
                Clear(slot);
        }
    }

    /// <summary>Adds the valid entries in the order of slots.</summary>
    /// <param name="level">What this TLB is.</param>
    /// <param name="pageShift">log2 of the page size.</param>
    /// <param name="into">Where to.</param>
    public void Export(TlbLevel level, int pageShift, List<TlbEntryInfo> into)
    {
        for (int slot = firstSlot; slot < firstSlot + EntryCount; slot++)
        {
            if (tags[slot] == TlbTag.Empty)
                continue;
            ulong entry = data[slot];
            into.Add(new TlbEntryInfo(
                level, TlbTag.AsidOf(tags[slot]), tags[slot] >> pageShift, (uint)entry,
                (entry & TlbData.Write) != 0, (entry & TlbData.Exec) != 0, (entry & TlbData.Dirty) != 0));
        }
    }

    /// <summary>An entry was dropped.</summary>
    protected abstract void Cleared(int slot);

    /// <summary>The set of a tag, from 0.</summary>
    protected int SetOf(ulong tag) => (int)(tag >> shift) & setMask;

    /// <summary>The first slot of a set, in the arena.</summary>
    protected int FirstSlotOf(int set) => firstSlot + (set * ways);

    /// <summary>A set's number in the arena.</summary>
    protected int InArena(int set) => firstSet + set;

    /// <summary>The first empty way of the set that starts at a slot, or -1.</summary>
    protected int EmptyWayAt(int first) => WaySearch.IndexOf(tags + first, ways, TlbTag.Empty);

    /// <summary>Slots in a set.</summary>
    protected int Ways => ways;

    /// <summary>Writes an entry.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    protected void Write(int slot, ulong tag, ulong entry)
    {
        tags[slot] = tag;
        data[slot] = entry;
        if (lines is null)
            return;

        // Field by field: a whole line would be put together on the stack and read back before its stores have settled.
        TlbLine* line = lines + slot;
        line->Read = tag;
        line->Write = TlbData.Allows(entry, AccessKind.Write) ? tag : TlbTag.Empty;
        line->Execute = TlbData.Allows(entry, AccessKind.Execute) ? tag : TlbTag.Empty;
        line->Data = entry;
    }

    private void Clear(int slot)
    {
        tags[slot] = TlbTag.Empty;
        if (lines is not null)
            new Span<ulong>(lines + slot, sizeof(TlbLine) / sizeof(ulong)).Fill(TlbTag.Empty);
        Cleared(slot);
    }
}
