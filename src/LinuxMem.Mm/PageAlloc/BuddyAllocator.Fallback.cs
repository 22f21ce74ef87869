using LinuxMem.Mm.MemMaps;

namespace LinuxMem.Mm.PageAlloc;

/// <summary>Taking blocks from other migrate types' lists when those of the own type are empty.</summary>
/// <remarks>Linux: mm/page_alloc.c: __rmqueue, v6.18. Watermark boost after a claim is not modelled.</remarks>
internal sealed unsafe partial class BuddyAllocator
{
    private const int NoBlock = -1;
    private const int TooSmallToClaim = -2;

    /// <summary>
    /// Where a run of allocations under one hold of the lock found its last block; the next one starts there.
    /// </summary>
    private enum RmqueueMode
    {
        Normal,
        Claim,
        Steal,
    }

    /// <summary>Takes one block; 0 if there is none.</summary>
    public uint Rmqueue(int order, int type, AllocFlags flags)
    {
        RmqueueMode mode = RmqueueMode.Normal;
        return Rmqueue(order, type, flags, ref mode);
    }

    private uint Rmqueue(int order, int type, AllocFlags flags, ref RmqueueMode mode)
    {
        if (mode == RmqueueMode.Normal)
        {
            uint pfn = RmqueueSmallest(order, type);
            if (pfn != 0)
                return pfn;
        }

        if (mode != RmqueueMode.Steal)
        {
            uint pfn = RmqueueClaim(order, type, flags);
            if (pfn != 0)
            {
                // A claim leaves free blocks of the own type behind: the next allocation finds them there.
                mode = RmqueueMode.Normal;
                return pfn;
            }
        }

        if ((flags & AllocFlags.NoFragment) != 0)
            return 0;
        uint stolen = RmqueueSteal(order, type);
        if (stolen != 0)
            mode = RmqueueMode.Steal;
        return stolen;
    }

    /// <summary>
    /// Converts a whole pageblock of another type, the largest free block first, and takes a block of it.
    /// </summary>
    /// <remarks>Linux: mm/page_alloc.c: __rmqueue_claim, v6.18.</remarks>
    private uint RmqueueClaim(int order, int type, AllocFlags flags)
    {
        int least = order;
        if (order < pageblocks.Order && (flags & AllocFlags.NoFragment) != 0)
            least = pageblocks.Order;
        for (int current = maxOrder; current >= least; current--)
        {
            int fallback = FindSuitableFallback(current, type, claimable: true);
            if (fallback == NoBlock)
                continue;
            if (fallback == TooSmallToClaim)
                break;
            uint pfn = TryToClaimBlock(areas[current].Lists[fallback].Head, current, order, type, fallback);
            if (pfn != 0)
                return pfn;
        }

        return 0;
    }

    /// <summary>
    /// Takes a block of another type and leaves the rest to that type: the smallest, to break up as little as possible.
    /// </summary>
    /// <remarks>Linux: mm/page_alloc.c: __rmqueue_steal, v6.18.</remarks>
    private uint RmqueueSteal(int order, int type)
    {
        for (int current = order; current <= maxOrder; current++)
        {
            int fallback = FindSuitableFallback(current, type, claimable: false);
            if (fallback == NoBlock)
                continue;
            uint pfn = areas[current].Lists[fallback].Head;
            DelAndExpand(pfn, order, current, fallback);
            return pfn;
        }

        return 0;
    }

    /// <remarks>Linux: mm/page_alloc.c: find_suitable_fallback, should_try_claim_block, v6.18.</remarks>
    private int FindSuitableFallback(int order, int type, bool claimable)
    {
        // Movable frames among others do no lasting harm, so small blocks are claimed for the other types only.
        if (claimable && order < pageblocks.Order / 2 && type == (int)MigrateType.Movable)
            return TooSmallToClaim;
        foreach (int fallback in MigrateTypes.Fallbacks.Slice(type * (MigrateTypes.Count - 1), MigrateTypes.Count - 1))
        {
            if (areas[order].Lists[fallback].Head != 0)
                return fallback;
        }

        return NoBlock;
    }

    /// <summary>
    /// Claims the pageblocks of a free block if it is large enough or half of its pageblock is free or alike.
    /// </summary>
    /// <remarks>Linux: mm/page_alloc.c: try_to_claim_block, v6.18.</remarks>
    private uint TryToClaimBlock(uint pfn, int current, int order, int type, int blockType)
    {
        if (current >= pageblocks.Order)
        {
            pageblocks.SetRange(pfn, current, type);
            DelAndExpand(pfn, order, current, type);
            return pfn;
        }

        uint first = pfn & ~(pageblocks.Pages - 1);
        uint after = first + pageblocks.Pages;
        if (first < start || after > end)
            return 0;
        (int free, int movable) = CountPageblock(first, after);
        int alike = 0;
        if (type == (int)MigrateType.Movable)
            alike = movable;
        else if (blockType == (int)MigrateType.Movable)
            alike = (int)pageblocks.Pages - (free + movable);
        if (free + alike < 1 << (pageblocks.Order - 1))
            return 0;
        MoveFreepagesBlock(first, after, type);
        return RmqueueSmallest(order, type);
    }

    /// <summary>Counts a pageblock's free and movable frames. O(frames).</summary>
    /// <remarks>
    /// Linux: mm/page_alloc.c: prep_move_freepages_block, v6.18. Linux takes frames on LRU lists for movable.
    /// </remarks>
    private (int Free, int Movable) CountPageblock(uint first, uint after)
    {
        int free = 0;
        int movable = 0;
        for (uint pfn = first; pfn < after;)
        {
            FramePlace place = frames[pfn].Place;
            if (place == FramePlace.BuddyHead)
            {
                free += 1 << frames[pfn].Order;
                pfn += 1u << frames[pfn].Order;
                continue;
            }

            if (place is FramePlace.Anon or FramePlace.Shmem or FramePlace.File or FramePlace.SwapCache)
                movable++;
            pfn++;
        }

        return (free, movable);
    }

    /// <remarks>Linux: mm/page_alloc.c: __move_freepages_block, v6.18.</remarks>
    private void MoveFreepagesBlock(uint first, uint after, int type)
    {
        for (uint pfn = first; pfn < after;)
        {
            PageFrame* frame = frames + pfn;
            if (frame->Place != FramePlace.BuddyHead)
            {
                pfn++;
                continue;
            }

            FreeArea area = areas[frame->Order];
            area.Lists[frame->MigrateType].Remove(frames, pfn);
            area.Lists[type].AddTail(frames, pfn);
            frame->MigrateType = (byte)type;
            pfn += 1u << frame->Order;
        }

        pageblocks.SetRange(first, pageblocks.Order, type);
    }
}
