using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.PageAlloc;

namespace LinuxMem.Mm.Proc.Machine;

/// <summary>What the frames of a zone are used for, counted in mem_map.</summary>
/// <remarks>
/// Linux keeps these counters (mm/vmstat.c: zone_page_state, v6.18); here nobody but /proc/zoneinfo asks, and pays:
/// O(frames in use + free blocks).
/// </remarks>
public readonly record struct ZoneCensus
{
    /// <summary>Counts. Precondition: every free block is on its list.</summary>
    public ZoneCensus(MemMap map, Zone zone)
    {
        for (uint pfn = zone.StartPfn.Value; pfn < zone.EndPfn.Value;)
        {
            ref PageFrame frame = ref map[new Pfn(pfn)];
            if (frame.Place == FramePlace.BuddyHead)
            {
                pfn += 1u << frame.Order;
                continue;
            }

            pfn++;
            bool isAnon = frame.Place is FramePlace.Shmem || (frame.Place is FramePlace.Anon && frame.MapCount > 0);
            if (!isAnon && frame.Place != FramePlace.File)
                continue;
            if ((frame.Flags & PageFlags.Unevictable) != 0)
                Unevictable++;
            else if (isAnon)
                Anon++;
            else
                File++;
        }
    }

    /// <summary>Anonymous and shared memory that may be evicted.</summary>
    public long Anon { get; }

    /// <summary>Files' pages that may be evicted.</summary>
    public long File { get; }

    /// <summary>Locked pages.</summary>
    public long Unevictable { get; }
}
