using LinuxMem.Arch.Addresses;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Mm.PageAlloc;

/// <summary>What an allocation of Linux 2.0 may do for a page, from its last argument.</summary>
/// <remarks>Linux: include/linux/mm.h: GFP_BUFFER to GFP_NFS, v2.0, those between which the allocator tells.</remarks>
public enum ClassicPriority
{
    /// <summary>For the buffer cache: down to the reserve, and no page is freed for it (GFP_BUFFER).</summary>
    Buffer,

    /// <summary>From an interrupt: whatever there is (GFP_ATOMIC).</summary>
    Atomic,

    /// <summary>Down to the reserve, then pages are freed until there is enough (GFP_USER, GFP_KERNEL).</summary>
    User,

    /// <summary>What frees memory itself needs a page: all but the last five (GFP_NFS).</summary>
    Nfs,
}

/// <summary>The rule of Linux 2.0 for giving out memory: <c>nr_free_pages &gt; min_free_pages</c>.</summary>
/// <remarks>
/// Linux: mm/page_alloc.c: __get_free_pages, free_area_init, v2.0. The test looks at free pages alone, whatever the
/// order asked for: that there are enough does not mean that any two of them lie together.
/// </remarks>
public static class ClassicRule
{
    /// <summary>The largest order of a block (NR_MEM_LISTS - 1).</summary>
    public const int MaxOrder = 5;

    /// <summary>Pages that nobody but interrupts gets.</summary>
    public const long LastReserve = 5;

    /// <summary>The age of a page that has come (PAGE_INITIAL_AGE).</summary>
    public const byte InitialAge = 3;

    /// <summary>Pages that ordinary allocations leave (min_free_pages): a 128th of memory, at least 16.</summary>
    public static long MinFreePages(long memoryPages) => Math.Max(16, memoryPages / 128);

    /// <summary>Whether a page may be taken while so many are free.</summary>
    public static bool Allows(ClassicPriority priority, long freePages, long minFreePages) => priority switch
    {
        ClassicPriority.Atomic => true,
        ClassicPriority.Nfs => freePages > LastReserve,
        _ => freePages > minFreePages,
    };

    /// <summary>The priority that today's flags come to.</summary>
    public static ClassicPriority PriorityOf(GfpFlags gfp)
    {
        if ((gfp & GfpFlags.MemAlloc) != 0)
            return ClassicPriority.Nfs;
        if ((gfp & GfpFlags.DirectReclaim) != 0)
            return ClassicPriority.User;
        return (gfp & GfpFlags.High) != 0 ? ClassicPriority.Atomic : ClassicPriority.Buffer;
    }

    /// <summary>
    /// All memory but frame 0 as one zone, without per-CPU lists. Its watermarks are min_free_pages, free_pages_low
    /// (half as much again) and free_pages_high (twice as much).
    /// </summary>
    internal static Zone BuildZone(uint frameCount, int pageShift, int cpus, VmSettings vm)
    {
        long min = vm.MinFreeKbytes is { } kbytes ? kbytes >> (pageShift - 10) : MinFreePages(frameCount);
        var marks = new Watermarks(min, min + min / 2, min * 2, min * 2);
        var noLists = new PerCpuPages[cpus];
        for (int cpu = 0; cpu < cpus; cpu++)
            noLists[cpu] = new PerCpuPages(batch: 0, highMin: 0, highMax: 0);
        return new Zone(0, ZoneType.Normal, new Pfn(1), new Pfn(frameCount), marks, new long[3], noLists, MaxOrder);
    }
}
