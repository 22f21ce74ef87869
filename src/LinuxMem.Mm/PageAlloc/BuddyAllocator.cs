using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.Stats;
using LinuxMem.Simulation;
using LinuxMem.Simulation.Mutants;

namespace LinuxMem.Mm.PageAlloc;

/// <summary>The binary buddy system of a zone: what Linux does under the zone lock.</summary>
/// <remarks>
/// Linux: mm/page_alloc.c, v6.18. Invariants, as asserted or audited: I04 every free block is aligned to its size,
/// inside the zone, its first frame BuddyHead, the others Untouched; I05 no two free buddies of an order below the
/// largest; I06 a block is on the list of its pageblock's type, and Zone.FreePages is the sum of the lists.
/// </remarks>
internal sealed unsafe partial class BuddyAllocator
{
    private readonly PageFrame* frames;
    private readonly PageblockMap pageblocks;
    private readonly VmStat stat;
    private readonly FreeArea[] areas;
    private readonly Mutant mutant;
    private readonly uint start;
    private readonly uint end;
    private readonly int maxOrder;

    /// <summary>Over a zone with empty lists.</summary>
    public BuddyAllocator(MemMap map, PageblockMap pageblocks, VmStat stat, Zone zone, Mutant mutant)
    {
        this.mutant = mutant;
        frames = map.Frames;
        this.pageblocks = pageblocks;
        this.stat = stat;
        Zone = zone;
        areas = zone.Areas;
        start = zone.StartPfn.Value;
        end = zone.EndPfn.Value;
        maxOrder = zone.MaxOrder;
    }

    /// <summary>The zone whose blocks these are.</summary>
    public Zone Zone { get; }

    /// <summary>Whether every freed block goes to the head of its list, whatever may become of it (v2.0).</summary>
    public bool KeepsNoOrder { get; init; }

    /// <summary>Makes a block free and merges it with its free buddies as far as that goes. O(orders).</summary>
    /// <remarks>
    /// Linux: mm/page_alloc.c: __free_one_page, v6.18. Preconditions: the block's frames are Untouched, and <paramref
    /// name="type"/> is that of its pageblock.
    /// </remarks>
    /// <param name="pfn">First frame.</param>
    /// <param name="order">From 0 to the largest of the zone.</param>
    /// <param name="type">Migrate type.</param>
    /// <param name="toTail">Last on its list instead of first: boot hands out low frames first.</param>
    public void FreeOnePage(uint pfn, int order, int type, bool toTail)
    {
        if ((pfn & ((1u << order) - 1)) != 0 || pfn < start || (ulong)pfn + (1u << order) > end)
            throw new KernelBug($"I04: free block 0x{pfn:x} of order {order} is unaligned or outside {Zone.Type}");
        Zone.FreePages += 1L << order;
        stat.Add(VmEvent.NrFreePages, 1L << order);

        uint buddy = 0;
        if (mutant == Mutant.M33 && order > 0)
            order--;
        int wrong = mutant == Mutant.M32 ? 1 : 0;
        for (; order < maxOrder && (order != 3 || mutant != Mutant.M34); order++)
        {
            buddy = pfn ^ (1u << (order + wrong));
            if (!IsFreeBuddy(buddy, order))
                break;
            int buddyType = frames[buddy].MigrateType;
            if (order >= pageblocks.Order && buddyType != type)
                pageblocks.SetRange(buddy, order, type);
            DelFromFreeList(buddy, order, buddyType);
            pfn &= buddy;
        }

        AddToFreeList(pfn, order, type, toTail || MergeLikely(pfn, buddy, order));
    }

    /// <summary>Takes the smallest block of the type that fits; 0 if there is none.</summary>
    /// <remarks>Linux: mm/page_alloc.c: __rmqueue_smallest, v6.18.</remarks>
    public uint RmqueueSmallest(int order, int type)
    {
        for (int current = order; current <= maxOrder; current++)
        {
            uint pfn = areas[current].Lists[type].Head;
            if (pfn == 0)
                continue;
            DelAndExpand(pfn, order, current, type);
            return pfn;
        }

        return 0;
    }

    /// <summary>
    /// Takes the lower 2^low frames of a free block of 2^high and leaves the rest free, as one block of every order
    /// between.
    /// </summary>
    /// <remarks>Linux: mm/page_alloc.c: page_del_and_expand, expand, v6.18.</remarks>
    private void DelAndExpand(uint pfn, int low, int high, int type)
    {
        DelFromFreeList(pfn, high, frames[pfn].MigrateType);
        for (int order = high - 1; order >= low; order--)
            AddToFreeList(pfn + (1u << order), order, type, toTail: false);
        Zone.FreePages -= 1L << low;
        stat.Add(VmEvent.NrFreePages, -(1L << low));
    }

    /// <remarks>
    /// Linux: mm/page_alloc.c: buddy_merge_likely, v6.18: a block whose parent's buddy is free should stay free for
    /// long.
    /// </remarks>
    private bool MergeLikely(uint pfn, uint buddy, int order)
    {
        if (order >= maxOrder - 1 || KeepsNoOrder)
            return false;
        uint parent = pfn & buddy;
        return IsFreeBuddy(parent ^ (1u << (order + 1)), order + 1);
    }

    private bool IsFreeBuddy(uint pfn, int order) =>
        pfn >= start && pfn < end && frames[pfn].Place == FramePlace.BuddyHead && frames[pfn].Order == order;

    private void AddToFreeList(uint pfn, int order, int type, bool toTail)
    {
        PageFrame* frame = frames + pfn;
        frame->Place = FramePlace.BuddyHead;
        frame->Order = (byte)order;
        frame->MigrateType = (byte)type;
        if (mutant == Mutant.M35 && order == 2)
            type = (type + 1) % MigrateTypes.Count;
        ref FrameList list = ref areas[order].Lists[type];
        if (toTail)
            list.AddTail(frames, pfn);
        else
            list.AddHead(frames, pfn);
        if (order >= pageblocks.Order)
            stat.Add(VmEvent.NrFreePagesBlocks, 1L << order);
    }

    private void DelFromFreeList(uint pfn, int order, int type)
    {
        PageFrame* frame = frames + pfn;
        areas[order].Lists[type].Remove(frames, pfn);
        frame->Place = FramePlace.Untouched;
        frame->Order = 0;
        frame->MigrateType = 0;
        if (order < pageblocks.Order)
            return;
        stat.Add(VmEvent.NrFreePagesBlocks, -(1L << order));
        if (bootNext != bootEnd && areas[maxOrder].Lists[(int)MigrateType.Movable].Head == 0)
            ListBootBlocks(BootBlocksAtOnce);
    }
}
