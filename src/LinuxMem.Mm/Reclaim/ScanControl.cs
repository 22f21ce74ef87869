using LinuxMem.Mm.Memcg;

namespace LinuxMem.Mm.Reclaim;

/// <summary>One attempt to get memory back: what is wanted, how hard it is tried, what came of it.</summary>
/// <remarks>Linux: mm/vmscan.c: struct scan_control, v6.18.</remarks>
public sealed class ScanControl
{
    /// <summary>How hard is tried at first: a 4096th of the lists is looked at (DEF_PRIORITY).</summary>
    public const int DefaultPriority = 12;

    /// <summary>Pages that a task takes back at a time (SWAP_CLUSTER_MAX).</summary>
    public const int ClusterMax = 32;

    /// <summary>Whether kswapd tries, rather than a task that needs memory.</summary>
    public bool IsKswapd { get; set; }

    /// <summary>The group whose memory is to shrink, with those below it; null for all of the machine.</summary>
    public MemCgroup? Group { get; set; }

    /// <summary>Pages that must be free before it is of use to try again: more than one for a block.</summary>
    public long WantsPages { get; init; } = 1;

    /// <summary>
    /// Whether one try is all, and nobody is killed for it: it is for a large block, or for pages that are read along.
    /// </summary>
    public bool GivesUp { get; init; }

    /// <summary>Whether it is for pages that are read along.</summary>
    public bool IsForRoom { get; init; }

    /// <summary>Whether a step has been taken for it.</summary>
    public bool HasTried { get; set; }

    /// <summary>12 at first, 0 at last.</summary>
    public int Priority { get; set; } = DefaultPriority;

    /// <summary>
    /// Whether memory.low holds no longer, since everything else was looked at in vain (memcg_low_reclaim).
    /// </summary>
    public bool BreaksLow { get; private set; }

    /// <summary>Whether a group was spared, in part at least, for its memory.low (memcg_low_skipped).</summary>
    public bool HasSparedLow { get; set; }

    /// <summary>It is held back until so many pages have left (<see cref="ReclaimThrottle"/>)...</summary>
    public long HeldUntilEnded { get; set; }

    /// <summary>... or this moment has come.</summary>
    public long HeldUntilNs { get; set; }

    /// <summary>Whether enough was found, or all that can be tried was of no use.</summary>
    public bool IsOver => Priority < 0 || Reclaimed >= ClusterMax;

    /// <summary>Pages looked at.</summary>
    public long Scanned { get; set; }

    /// <summary>Pages that have left, or will as soon as TLBs and disks have done with them.</summary>
    public long Reclaimed { get; set; }

    /// <summary>
    /// Nothing, or not enough, was found at this priority: the next is tried. After the last everything is tried anew
    /// without memory.low, if nothing was found and somebody was spared for that; kswapd does not.
    /// </summary>
    /// <remarks>Linux: mm/vmscan.c: do_try_to_free_pages, v6.18.</remarks>
    public void Lower()
    {
        Priority--;
        if (Priority >= 0 || Reclaimed > 0 || !HasSparedLow || BreaksLow || IsKswapd)
            return;
        Priority = DefaultPriority;
        BreaksLow = true;
    }

    /// <summary>Another step is taken: a new attempt if the last is over, else more of the same.</summary>
    public void Continue()
    {
        Scanned = 0;
        if (IsOver)
            Renew();
    }

    /// <summary>A new attempt begins.</summary>
    public void Renew()
    {
        Priority = DefaultPriority;
        Reclaimed = 0;
        BreaksLow = HasSparedLow = false;
    }
}
