using LinuxMem.Arch.Addresses;

namespace LinuxMem.Mm.PageAlloc;

/// <summary>A zone of physical memory with its free lists, watermarks and per-CPU lists.</summary>
/// <remarks>Linux: include/linux/mmzone.h: struct zone, v6.18.</remarks>
public sealed class Zone
{
    private readonly long[] lowmemReserve;
    private readonly long[] highMarks;

    internal Zone(
        int index, ZoneType type, Pfn start, Pfn end, Watermarks watermarks, long[] lowmemReserve,
        PerCpuPages[] perCpuPages, int maxOrder)
    {
        Index = index;
        Type = type;
        Areas = new FreeArea[maxOrder + 1];
        StartPfn = start;
        EndPfn = end;
        ManagedPages = PresentPages;
        Watermarks = watermarks;
        this.lowmemReserve = lowmemReserve;
        highMarks = Array.ConvertAll(lowmemReserve, reserve => watermarks.HighPages + reserve);
        PerCpuLists = perCpuPages;
        for (int order = 0; order < Areas.Length; order++)
            Areas[order] = new FreeArea();
    }

    /// <summary>Its place in the allocator's list.</summary>
    public int Index { get; }

    /// <summary>Which zone it is.</summary>
    public ZoneType Type { get; }

    /// <summary>The largest order of a free block.</summary>
    public int MaxOrder => Areas.Length - 1;

    /// <summary>Its first frame. Zone DMA starts at frame 1: frame 0 is no zone's, as on a PC.</summary>
    public Pfn StartPfn { get; }

    /// <summary>The frame after its last.</summary>
    public Pfn EndPfn { get; }

    /// <summary>Frames that exist in it; there are no holes.</summary>
    public long PresentPages => EndPfn.Value - StartPfn.Value;

    /// <summary>Frames that the allocator hands out: all of them, but those that have left the machine.</summary>
    public long ManagedPages { get; internal set; }

    /// <summary>Frames on its free lists, those on per-CPU lists not counted (NR_FREE_PAGES).</summary>
    public long FreePages { get; internal set; }

    /// <summary>What it keeps free.</summary>
    public Watermarks Watermarks { get; private set; }

    /// <summary><c>FreeArea[MaxOrder + 1]</c>, indexed by order.</summary>
    public IReadOnlyList<FreeArea> FreeAreas => Areas;

    /// <summary><c>PerCpuPages[cpus]</c>, indexed by CPU.</summary>
    public IReadOnlyList<PerCpuPages> PerCpuPages => PerCpuLists;

    /// <summary>The same as <see cref="FreeAreas"/>, for the hot paths.</summary>
    internal FreeArea[] Areas { get; }

    /// <summary>The same as <see cref="PerCpuPages"/>, for the hot paths.</summary>
    internal PerCpuPages[] PerCpuLists { get; }

    /// <summary>
    /// Free pages were seen below the high watermark: per-CPU lists shrink until they are above it (ZONE_BELOW_HIGH).
    /// </summary>
    internal bool BelowHigh { get; set; }

    /// <summary>What it keeps free from now on.</summary>
    internal void SetLimits(Watermarks marks, long[] reserve)
    {
        Watermarks = marks;
        for (int i = 0; i < reserve.Length; i++)
        {
            lowmemReserve[i] = reserve[i];
            highMarks[i] = marks.HighPages + reserve[i];
        }
    }

    /// <summary>Pages kept here from allocations that might have used zones up to <paramref name="highest"/>.</summary>
    public long LowmemReserve(ZoneType highest) => lowmemReserve[(int)highest];

    /// <summary>
    /// Whether a frame may be taken and the zone is above its high watermark even so: the usual case, quickly.
    /// </summary>
    internal bool IsPlentiful(ZoneType highest) => !BelowHigh && FreePages > highMarks[(int)highest];

    /// <summary>
    /// Whether a block may be taken: enough pages stay free above the mark, and a block of the order or larger exists.
    /// </summary>
    /// <remarks>Linux: mm/page_alloc.c: zone_watermark_fast, __zone_watermark_ok, v6.18.</remarks>
    internal bool WatermarkOk(int order, long mark, ZoneType highest, AllocFlags flags)
    {
        long reserve = lowmemReserve[(int)highest];
        if (order == 0 && FreePages > mark + reserve)
            return true;

        if ((flags & AllocFlags.MinReserve) != 0)
        {
            mark -= mark / 2;
            if ((flags & AllocFlags.NonBlock) != 0)
                mark -= mark / 4;
        }

        // The pages of the block less one are counted as gone already, so the comparison below is the same for every
        // order.
        if (FreePages - ((1L << order) - 1) <= mark + reserve)
            return false;
        if (order == 0)
            return true;
        for (int o = order; o < Areas.Length; o++)
        {
            if (Areas[o].FreeBlocks != 0)
                return true;
        }

        return false;
    }
}
