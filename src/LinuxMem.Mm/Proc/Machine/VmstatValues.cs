using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.Lru;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.Stats;

namespace LinuxMem.Mm.Proc.Machine;

/// <summary>The value of every counter of /proc/vmstat at one moment.</summary>
/// <remarks>
/// Linux: mm/vmstat.c: vmstat_start, v6.18. Counters that the kernel keeps are taken as they are, the lengths of
/// the lists from the replacement policy. Pages of files that are on no list count
/// as inactive; pages that are unmapped and on their way out as isolated until they
/// have gone, where Linux puts those that are being written back on their list. All else is zero.
/// </remarks>
public sealed class VmstatValues
{
    private readonly long[] values = new long[VmstatNames.All.Length];

    /// <summary>Reads all counters.</summary>
    public VmstatValues(ProcContext context)
    {
        VmStat stat = context.Memory.Stat;
        long shmem = stat[VmEvent.NrShmem];
        long swapCached = stat[VmEvent.NrSwapCached];
        Lruvec lru = context.Memory.Lru!;
        long isolatedAnon = context.Memory.ReclaimingAnon;
        long isolatedFile = context.Memory.ReclaimingPages - isolatedAnon;
        long activeFile = lru.Count(PageKind.File, active: true);
        // Those that are given away, or locked, are on other lists than they belong to.
        long files = stat[VmEvent.NrFilePages] - shmem - swapCached + MisplacedFiles(context);
        this["nr_unevictable"] = lru.UnevictablePages;
        this["nr_zone_unevictable"] = lru.UnevictablePages;
        SetLru("anon", lru.Count(PageKind.Anon, active: false), lru.Count(PageKind.Anon, active: true),
            isolatedAnon);
        SetLru("file", files - activeFile - isolatedFile, activeFile, isolatedFile);
        long allocated = stat.AllocatedPages;
        this["numa_hit"] = allocated;
        this["numa_local"] = allocated;
        this["cow_ksm"] = context.Memory.Ksm.Copies;
        foreach (KeyValuePair<string, long> counter in stat.Snapshot())
            this[counter.Key] = counter.Value;
    }

    /// <summary>All values, in the order of <see cref="VmstatNames.All"/>.</summary>
    public IReadOnlyList<long> All => values;

    /// <summary>A counter by its name. Precondition: it is one of <see cref="VmstatNames.All"/>.</summary>
    public long this[string name]
    {
        get => values[IndexOf(name)];
        private set => values[IndexOf(name)] = value;
    }

    /// <summary>The place of a counter in the file.</summary>
    public static int IndexOf(string name) => VmstatNames.All.IndexOf(name);

    private static long MisplacedFiles(ProcContext context)
    {
        MemMap map = context.Memory.Map;
        long pages = 0;
        for (uint pfn = 1; pfn < map.FrameCount; pfn++)
        {
            PageFrame frame = map[new Pfn(pfn)];
            pages += frame.Place == FramePlace.Anon
                && (frame.Flags & (PageFlags.Lru | PageFlags.SwapBacked)) == PageFlags.Lru ? 1 : 0;
        }

        foreach (uint pfn in context.Memory.Lru!.Unevictable)
        {
            PageFrame frame = map[new Pfn(pfn)];
            pages -= (frame.Flags & PageFlags.SwapBacked) == 0 ? 1 : 0;
        }

        return pages;
    }

    private void SetLru(string kind, long inactive, long active, long isolated)
    {
        this["nr_zone_inactive_" + kind] = inactive;
        this["nr_inactive_" + kind] = inactive;
        this["nr_zone_active_" + kind] = active;
        this["nr_active_" + kind] = active;
        this["nr_isolated_" + kind] = isolated;
    }
}
