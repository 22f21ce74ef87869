using System.Numerics;

namespace LinuxMem.Mm.PageAlloc;

/// <summary>The sizes of per-CPU lists.</summary>
public static class PerCpuFormula
{
    // The part of a zone that all per-CPU lists together may grow to: one in MIN_PERCPU_PAGELIST_HIGH_FRACTION pages.
    private const int HighFraction = 8;

    /// <summary>
    /// Pages moved at a time between a zone and a per-CPU list, at least 1: a 4096th of the zone, at most 256 KiB.
    /// </summary>
    /// <remarks>
    /// Linux: mm/page_alloc.c: zone_batchsize, v6.18. A power of two less one, as even batches clash with page
    /// colouring.
    /// </remarks>
    public static int Batch(long managedPages, int pageShift)
    {
        int batch = (int)Math.Min(managedPages >> 12, (256 << 10) >> pageShift);
        return batch <= 1 ? 1 : (1 << BitOperations.Log2((uint)(batch + batch / 2))) - 1;
    }

    /// <summary>The least and the most pages that a per-CPU list may hold before it returns some.</summary>
    /// <remarks>
    /// Linux: mm/page_alloc.c: zone_highsize, v6.18: the CPUs' shares of the low watermark and of an eighth of the
    /// zone.
    /// </remarks>
    public static (int HighMin, int HighMax) High(long managedPages, long lowPages, int batch, int cpus)
    {
        int floor = batch << 2;
        int min = (int)Math.Min(lowPages / cpus, int.MaxValue);
        int max = (int)Math.Min(managedPages / HighFraction / cpus, int.MaxValue);
        return (Math.Max(min, floor), Math.Max(max, floor));
    }
}
