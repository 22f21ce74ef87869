using LinuxMem.Mm.MemMaps;
using LinuxMem.Simulation.Mutants;

namespace LinuxMem.Mm.PageAlloc;

/// <content>Taking one certain frame away for good.</content>
internal sealed unsafe partial class BuddyAllocator
{
    /// <summary>
    /// Takes a free frame out of the block that it is in; the rest stays free. False if it is not free.
    /// </summary>
    /// <remarks>Linux: mm/page_alloc.c: take_page_off_buddy, break_down_buddy_pages, v6.18.</remarks>
    public bool TakePageOff(uint pfn)
    {
        // Boot only counts most blocks: they are on no list yet.
        if (pfn >= bootNext && pfn < bootEnd)
            ListBootBlocks(int.MaxValue);
        for (int order = 0; order <= Order.MaxValue; order++)
        {
            uint head = pfn & ~((1u << order) - 1);
            if (head < start || frames[head].Place != FramePlace.BuddyHead || frames[head].Order != order)
                continue;
            int type = frames[head].MigrateType;
            DelFromFreeList(head, order, type);
            // Halves that the frame is not in go back, the largest first.
            while (order > 0)
            {
                order--;
                uint upper = head + (1u << order);
                bool isUpper = pfn >= upper;
                AddToFreeList(isUpper ? head : upper, order, type, toTail: false);
                head = isUpper ? upper : head;
            }

            if (mutant != Mutant.M76)
                Zone.FreePages--;
            stat.Add(Stats.VmEvent.NrFreePages, -1);
            return true;
        }

        return false;
    }
}
