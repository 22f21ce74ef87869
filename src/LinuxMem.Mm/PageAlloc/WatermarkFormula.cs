namespace LinuxMem.Mm.PageAlloc;

/// <summary>The numbers that Linux computes at boot from the sizes of the zones.</summary>
public static class WatermarkFormula
{
    /// <summary>vm.min_free_kbytes for a machine: 4 * sqrt(lowmem in KiB), at least 128 and at most 262,144.</summary>
    /// <remarks>
    /// Linux: mm/page_alloc.c: calculate_min_free_kbytes, v6.18. A kernel with transparent huge pages raises it once
    /// more (mm/khugepaged.c: set_recommended_min_free_kbytes: 67,584 with three zones of 4 KiB pages), which is not
    /// modelled: set vm.min_free_kbytes for the same.
    /// </remarks>
    public static long MinFreeKbytes(long lowmemKbytes) => Math.Clamp(IntSqrt(lowmemKbytes * 16), 128, 262_144);

    /// <summary>The watermarks of a zone.</summary>
    /// <remarks>Linux: mm/page_alloc.c: __setup_per_zone_wmarks, v6.18.</remarks>
    /// <param name="minFreeKbytes">vm.min_free_kbytes, at least 0.</param>
    /// <param name="pageShift">log2 of the bytes of a page.</param>
    /// <param name="managedPages">Of the zone.</param>
    /// <param name="allManagedPages">Of all zones, more than 0.</param>
    /// <param name="scaleFactor">vm.watermark_scale_factor, in ten-thousandths.</param>
    public static Watermarks ForZone(
        long minFreeKbytes, int pageShift, long managedPages, long allManagedPages, int scaleFactor)
    {
        long pagesMin = minFreeKbytes >> (pageShift - 10);
        long min = (long)((UInt128)pagesMin * (ulong)managedPages / (ulong)allManagedPages);
        long step = Math.Max(min >> 2, managedPages * scaleFactor / 10_000);
        return new Watermarks(min, min + step, min + 2 * step, min + 3 * step);
    }

    /// <summary>
    /// What allocations that could have come from a higher zone must leave in this one: <c>long[3]</c>, indexed by the
    /// highest zone that the allocation may use.
    /// </summary>
    /// <remarks>
    /// Linux: mm/page_alloc.c: setup_per_zone_lowmem_reserve, v6.18, with lowmem_reserve_ratio 256 256 32.
    /// </remarks>
    /// <param name="zone">The zone that is protected.</param>
    /// <param name="managedPages">Of every zone, <c>long[3]</c>; 0 for zones that the machine has not.</param>
    public static long[] LowmemReserve(ZoneType zone, ReadOnlySpan<long> managedPages)
    {
        int ratio = zone == ZoneType.Normal ? 32 : 256;
        long[] reserve = new long[managedPages.Length];
        long above = 0;
        for (int upper = (int)zone + 1; upper < reserve.Length; upper++)
        {
            above += managedPages[upper];
            reserve[upper] = managedPages[(int)zone] == 0 ? 0 : above / ratio;
        }

        return reserve;
    }

    // Integer arithmetic throughout: the same watermark on every host, whatever its floating point does.
    private static long IntSqrt(long value)
    {
        long root = 0;
        for (long bit = 1L << 31; bit != 0; bit >>= 1)
        {
            long candidate = root | bit;
            if (candidate <= value / candidate)
                root = candidate;
        }

        return root;
    }
}
