using LinuxMem.Mm.Stats;

namespace LinuxMem.Mm.PageAlloc;

/// <content>Taking a free block where it lies.</content>
internal sealed unsafe partial class BuddyAllocator
{
    /// <summary>Takes a whole free block off its list. Precondition: one starts there, and is listed.</summary>
    public void TakeBlock(uint pfn)
    {
        int order = frames[pfn].Order;
        DelFromFreeList(pfn, order, frames[pfn].MigrateType);
        Zone.FreePages -= 1L << order;
        stat.Add(VmEvent.NrFreePages, -(1L << order));
    }
}
