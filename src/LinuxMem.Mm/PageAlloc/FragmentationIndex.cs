namespace LinuxMem.Mm.PageAlloc;

/// <summary>How far a zone's free memory is broken up, for blocks of an order, in thousandths.</summary>
/// <remarks>Linux: mm/vmstat.c: fill_contig_page_info, unusable_free_index, __fragmentation_index, v6.18.</remarks>
public static class FragmentationIndex
{
    /// <summary>
    /// What <see cref="External"/> is where a block of the order is free: an allocation would succeed.
    /// </summary>
    public const int WouldSucceed = -1000;

    /// <summary>The part of free memory that is of no use for blocks of the order: 0 to 1000.</summary>
    public static int Unusable(Zone zone, int order)
    {
        long free = FreePages(zone);
        return free == 0 ? 1000 : (int)((free - (Suitable(zone, order) << order)) * 1000 / free);
    }

    /// <summary>
    /// Why an allocation of the order would fail: towards 0 for want of memory, towards 1000 because free memory is
    /// broken up; 0 also where nothing is free; <see cref="WouldSucceed"/> where it would not fail.
    /// </summary>
    public static int External(Zone zone, int order)
    {
        long blocks = zone.FreeAreas.Sum(area => area.FreeBlocks);
        if (blocks == 0 || order > zone.MaxOrder)
            return 0;
        if (Suitable(zone, order) > 0)
            return WouldSucceed;
        return 1000 - (int)((1000 + (FreePages(zone) * 1000 / (1L << order))) / blocks);
    }

    private static long FreePages(Zone zone)
    {
        long pages = 0;
        for (int order = 0; order <= zone.MaxOrder; order++)
            pages += zone.FreeAreas[order].FreeBlocks << order;
        return pages;
    }

    // Blocks of the order that free memory could give.
    private static long Suitable(Zone zone, int order)
    {
        long blocks = 0;
        for (int o = order; o <= zone.MaxOrder; o++)
            blocks += zone.FreeAreas[o].FreeBlocks << (o - order);
        return blocks;
    }
}
