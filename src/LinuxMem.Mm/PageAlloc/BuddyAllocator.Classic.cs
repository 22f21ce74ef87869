namespace LinuxMem.Mm.PageAlloc;

/// <content>Taking blocks as Linux 2.0 did.</content>
internal sealed unsafe partial class BuddyAllocator
{
    /// <summary>Takes the smallest block that fits, the upper end of it if it is larger; 0 if there is none.</summary>
    /// <remarks>
    /// Linux: mm/page_alloc.c: RMQUEUE, EXPAND, v2.0: of a block that is split the lower half goes to the free lists.
    /// </remarks>
    public uint RmqueueClassic(int order)
    {
        for (int current = order; current <= maxOrder; current++)
        {
            uint pfn = areas[current].Lists[(int)MigrateType.Movable].Head;
            if (pfn == 0)
                continue;
            DelFromFreeList(pfn, current, (int)MigrateType.Movable);
            for (int half = current - 1; half >= order; half--)
            {
                AddToFreeList(pfn, half, (int)MigrateType.Movable, toTail: false);
                pfn += 1u << half;
            }

            Zone.FreePages -= 1L << order;
            stat.Add(Stats.VmEvent.NrFreePages, -(1L << order));
            return pfn;
        }

        return 0;
    }
}
