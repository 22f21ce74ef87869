using LinuxMem.Mm.Memcg;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Mm.Reclaim;

/// <summary>
/// Room for the pages that a fault wants to read along: where memory lacks it, the task reclaims once before it reads.
/// </summary>
/// <remarks>
/// Linux: mm/readahead.c: readahead_gfp_mask (__GFP_NORETRY), v6.18: each page of a window reclaims by itself where
/// there is no room, and never kills. Here a fault reclaims for all of the window at one go, before its first page; a
/// window is cut where that was of no use.
/// </remarks>
public sealed class ReadRoom
{
    private readonly KernelMemory memory;

    /// <summary>In one machine's memory.</summary>
    public ReadRoom(KernelMemory memory) => this.memory = memory;

    /// <summary>Whether who is served can wait, and has not yet.</summary>
    public bool MayWait { get; set; }

    /// <summary>The group that lacks room; null if the machine does.</summary>
    public MemCgroup? Lacking { get; private set; }

    /// <summary>Pages that were lacking, since this was last taken; 0 for none.</summary>
    public int Wanted { get; private set; }

    /// <summary>Whether who is served has to wait for so many pages: they are noted then.</summary>
    public bool Lacks(int pages)
    {
        if (!MayWait || memory.Settings.Kernel == KernelEra.Classic)
            return false;
        Lacking = null;
        for (MemCgroup? group = memory.Groups?.Current; group is not null; group = group.Parent)
            Lacking = group.Room < pages ? group : Lacking;
        if (Lacking is null && memory.Allocator.PagesAboveMin >= pages)
            return false;
        Wanted = Math.Min(pages, ScanControl.ClusterMax);
        return true;
    }

    /// <summary>Takes what was noted.</summary>
    public int Take()
    {
        int pages = Wanted;
        Wanted = 0;
        return pages;
    }
}
