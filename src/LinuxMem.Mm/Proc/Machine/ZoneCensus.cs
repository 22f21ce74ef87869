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
            bool isGiven = frame.Place == FramePlace.Anon && (frame.Flags & PageFlags.SwapBacked) == 0;
            bool isAnon = frame.Place is FramePlace.Shmem or FramePlace.SwapCache or FramePlace.Anon && !isGiven;
            bool isListed = (frame.Flags & PageFlags.Lru) != 0
                || (frame.Place is FramePlace.Shmem or FramePlace.File && (frame.Flags & PageFlags.Reclaim) == 0);
            bool active = (frame.Flags & PageFlags.Active) != 0;
            if ((frame.Flags & (PageFlags.Dirty | PageFlags.Writeback)) != 0 && frame.Place == FramePlace.File)
                WritePending++;
            Locked += frame.MlockCount > 0 ? 1 : 0;
            if ((frame.Flags & PageFlags.Unevictable) != 0)
                Unevictable++;
            else if (isAnon && isListed)
                (InactiveAnon, ActiveAnon) = (InactiveAnon + (active ? 0 : 1), ActiveAnon + (active ? 1 : 0));
            else if ((frame.Place == FramePlace.File || isGiven) && isListed)
                (InactiveFile, ActiveFile) = (InactiveFile + (active ? 0 : 1), ActiveFile + (active ? 1 : 0));
        }
    }

    /// <summary>Anonymous and shared memory on the inactive list.</summary>
    public long InactiveAnon { get; }

    /// <summary>Anonymous and shared memory on the active list.</summary>
    public long ActiveAnon { get; }

    /// <summary>Files' pages on the inactive list.</summary>
    public long InactiveFile { get; }

    /// <summary>Files' pages on the active list.</summary>
    public long ActiveFile { get; }

    /// <summary>Files' pages that are dirty or being written.</summary>
    public long WritePending { get; }

    /// <summary>Pages that cannot leave.</summary>
    public long Unevictable { get; }

    /// <summary>Of those, the ones that a locked mapping has.</summary>
    public long Locked { get; }
}
