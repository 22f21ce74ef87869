using LinuxMem.Simulation;

namespace LinuxMem.Mm.PageAlloc;

/// <summary>How hard one pass over the zones tries.</summary>
/// <remarks>Linux: mm/internal.h: ALLOC_*, v6.18.</remarks>
[Flags]
internal enum AllocFlags
{
    /// <summary>Down to the min watermark.</summary>
    WmarkMin = 0,

    /// <summary>Down to the low watermark only.</summary>
    WmarkLow = 1,

    /// <summary>No watermark.</summary>
    NoWatermarks = 4,

    /// <summary>
    /// The caller cannot wait: together with <see cref="MinReserve"/> a quarter less of min must stay.
    /// </summary>
    NonBlock = 0x10,

    /// <summary>Half of min must stay.</summary>
    MinReserve = 0x20,

    /// <summary>Rather another zone than mixing types within a pageblock.</summary>
    NoFragment = 0x100,
}

/// <summary>What <see cref="GfpFlags"/> mean for the allocator.</summary>
internal static class Gfp
{
    /// <summary>The type of pageblock.</summary>
    /// <remarks>Linux: include/linux/gfp.h: gfp_migratetype, v6.18.</remarks>
    public static int MigrateTypeOf(GfpFlags gfp)
    {
        int type = (int)(gfp & (GfpFlags.Movable | GfpFlags.Reclaimable)) >> 3;
        KernelBug.Assert(type < MigrateTypes.Count, "an allocation is movable or reclaimable, not both");
        return type;
    }

    /// <summary>The highest zone that may serve.</summary>
    /// <remarks>Linux: include/linux/gfp.h: gfp_zone, v6.18.</remarks>
    public static ZoneType HighestZone(GfpFlags gfp)
    {
        if ((gfp & (GfpFlags.Dma | GfpFlags.Dma32)) == 0)
            return ZoneType.Normal;
        return (gfp & GfpFlags.Dma) != 0 ? ZoneType.Dma : ZoneType.Dma32;
    }

    /// <summary>The pass after the one down to the low watermark failed.</summary>
    /// <remarks>Linux: mm/page_alloc.c: gfp_to_alloc_flags, v6.18.</remarks>
    public static AllocFlags SlowpathFlags(GfpFlags gfp)
    {
        AllocFlags flags = AllocFlags.WmarkMin;
        if ((gfp & GfpFlags.High) != 0)
            flags |= AllocFlags.MinReserve;
        if ((gfp & GfpFlags.DirectReclaim) == 0)
            flags |= AllocFlags.NonBlock;
        return flags;
    }
}
