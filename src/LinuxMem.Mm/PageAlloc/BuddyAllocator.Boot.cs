using System.Numerics;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.Stats;

namespace LinuxMem.Mm.PageAlloc;

/// <summary>Handing all of a zone's memory to its free lists at boot.</summary>
/// <remarks>
/// A terabyte is 262,144 blocks of the largest order; writing each one's descriptor would cost seconds and a gigabyte
/// of the host. So those blocks are counted at boot, but linked into their list only when it runs empty: they are its
/// tail, in order of address, and nobody can tell the difference but by reading mem_map, where they are all zero.
/// No block ever merges with them, since they have the largest order already.
/// </remarks>
internal sealed unsafe partial class BuddyAllocator
{
    private const int BootBlocksAtOnce = 16;

    private uint bootNext;
    private uint bootEnd;

    /// <summary>The frames of the blocks that were only counted so far, up to the one after the last.</summary>
    public (uint First, uint After) UnlistedBlocks => (bootNext, bootEnd);

    /// <summary>Frees all frames in the largest aligned blocks, in order of address. O(1) but for the ends.</summary>
    /// <remarks>Linux: mm/memblock.c: __free_pages_memory, v6.18.</remarks>
    public void FreeAllAtBoot()
    {
        uint block = 1u << maxOrder;
        uint first = (start + block - 1) & ~(block - 1);
        uint last = end & ~(block - 1);
        if (first >= last)
        {
            FreeRangeAtBoot(start, end);
            return;
        }

        FreeRangeAtBoot(start, first);
        bootNext = first;
        bootEnd = last;
        areas[maxOrder].Lists[(int)MigrateType.Movable].Count += (last - first) / block;
        Zone.FreePages += last - first;
        stat.Add(VmEvent.NrFreePages, last - first);
        stat.Add(VmEvent.NrFreePagesBlocks, last - first);
        ListBootBlocks(BootBlocksAtOnce);
        FreeRangeAtBoot(last, end);
    }

    /// <summary>Links up to that many more of the blocks that boot only counted.</summary>
    public void ListBootBlocks(int most)
    {
        ref FrameList list = ref areas[maxOrder].Lists[(int)MigrateType.Movable];
        for (; most > 0 && bootNext != bootEnd; most--)
        {
            PageFrame* frame = frames + bootNext;
            frame->Place = FramePlace.BuddyHead;
            frame->Order = (byte)maxOrder;
            frame->MigrateType = (byte)MigrateType.Movable;
            list.AddTail(frames, bootNext);
            list.Count--;
            bootNext += 1u << maxOrder;
        }
    }

    private void FreeRangeAtBoot(uint pfn, uint after)
    {
        while (pfn < after)
        {
            int order = Math.Min(maxOrder, BitOperations.TrailingZeroCount(pfn));
            order = Math.Min(order, BitOperations.Log2(after - pfn));
            FreeOnePage(pfn, order, (int)MigrateType.Movable, toTail: true);
            pfn += 1u << order;
        }
    }
}
