using LinuxMem.Arch.Memory;
using LinuxMem.Arch.Tlbs.Replacement;

namespace LinuxMem.Arch.Tlbs;

/// <summary>
/// The storage of one or several TLBs, slot after slot and set after set, outside the garbage-collected heap. The two
/// first-level TLBs share an arena, so that the hot loop reaches a slot of either by one number.
/// </summary>
internal sealed unsafe class TlbArena : IDisposable
{
    private readonly HostPart memory;

    /// <summary>Storage for TLBs of the given shapes, in that order, all empty.</summary>
    /// <param name="ram">Lends the memory.</param>
    /// <param name="seed">Of the stream for random replacement.</param>
    /// <param name="withLines">Whether the hot loop is to find its entries here.</param>
    /// <param name="shapes">Valid shapes.</param>
    public TlbArena(PhysicalMemory ram, ulong seed, bool withLines, params ReadOnlySpan<TlbShape> shapes)
    {
        foreach (TlbShape shape in shapes)
        {
            SlotCount += shape.EntryCount;
            SetCount += shape.Sets;
        }

        ulong slots = (ulong)SlotCount;
        ulong sets = (ulong)SetCount;
        int lineBytes = withLines ? sizeof(TlbLine) : 0;
        ulong slotBytes = (ulong)(lineBytes + (2 * sizeof(ulong)) + sizeof(long) + sizeof(TreePath));
        memory = ram.Lend((slots * slotBytes) + (sets * sizeof(ulong)) + sizeof(ulong));

        // Lines first: memory begins with a cache line of the host, so no line straddles two.
        var lines = (TlbLine*)memory.Base;
        Tags = (ulong*)(withLines ? lines + slots : lines);
        Data = Tags + slots;
        Stamps = (long*)(Data + slots);
        Paths = (TreePath*)(Stamps + slots);
        Trees = (ulong*)(Paths + slots);
        RandomState = Trees + sets;

        *RandomState = RandomReplacement.FirstState(seed);
        new Span<ulong>(Tags, SlotCount).Fill(TlbTag.Empty);
        FillPaths(shapes);
        HasOrders = !withLines && shapes is [{ Replacement: TlbReplacement.Lru, Ways: <= RecencyReplacement.WaysMax }];
        if (HasOrders)
            new Span<ulong>(Trees, SetCount).Fill(RecencyReplacement.FirstOrder(shapes[0].Ways));
        if (!withLines)
            return;
        Lines = lines;
        new Span<ulong>(Lines, SlotCount * (sizeof(TlbLine) / sizeof(ulong))).Fill(TlbTag.Empty);
    }

    /// <summary>Slots of all TLBs.</summary>
    public int SlotCount { get; }

    /// <summary>Sets of all TLBs.</summary>
    public int SetCount { get; }

    /// <summary>Rights and frames as the hot loop wants them, by slot; null in an arena without.</summary>
    public TlbLine* Lines { get; }

    /// <summary>Tags, by slot.</summary>
    public ulong* Tags { get; }

    /// <summary>Frames and rights (<see cref="TlbData"/>), by slot.</summary>
    public ulong* Data { get; }

    /// <summary>When a slot was used or filled, by slot; what it means is the policy's affair. 0 in empty
    /// slots.</summary>
    public long* Stamps { get; }

    /// <summary>Paths in the sets' trees, by slot; filled in for tree pseudo-LRU alone.</summary>
    public TreePath* Paths { get; }

    /// <summary>Whether <see cref="Trees"/> are the orders of <see cref="RecencyReplacement"/>.</summary>
    public bool HasOrders { get; }

    /// <summary>Trees or orders, by set.</summary>
    public ulong* Trees { get; }

    /// <summary>The state of the stream for random replacement.</summary>
    public ulong* RandomState { get; }

    /// <summary>All tags, then all data.</summary>
    public ReadOnlySpan<ulong> Words => new(Tags, SlotCount * 2);

    /// <summary>The entry at a slot. Precondition: the slot holds one.</summary>
    public TlbEntryInfo EntryAt(int slot, TlbLevel level, int pageShift)
    {
        ulong tag = Tags[slot];
        ulong entry = Data[slot];
        return new TlbEntryInfo(level, TlbTag.AsidOf(tag), tag >> pageShift, (uint)entry,
            (entry & TlbData.Write) != 0, (entry & TlbData.Exec) != 0, (entry & TlbData.Dirty) != 0);
    }

    /// <inheritdoc/>
    public void Dispose() => memory.Dispose();

    private void FillPaths(ReadOnlySpan<TlbShape> shapes)
    {
        int slot = 0;
        int set = 0;
        foreach (TlbShape shape in shapes)
        {
            for (int i = 0; i < shape.EntryCount && shape.Replacement == TlbReplacement.TreePlru; i++)
                Paths[slot + i] = TreePlruReplacement.PathOf(set + (i / shape.Ways), i % shape.Ways, shape.Ways);
            slot += shape.EntryCount;
            set += shape.Sets;
        }
    }
}
