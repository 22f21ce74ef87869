using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.Memcg;

namespace LinuxMem.Mm.Reclaim;

/// <summary>
/// Pages that were sent to a disk that does not take them. A page counts as got back when it leaves, not when it is
/// sent: where nothing but failures comes of it, who waits for memory has somebody killed in the end.
/// </summary>
/// <remarks>
/// Linux: mm/vmscan.c: shrink_folio_list counts what is freed; mm/page_alloc.c: should_reclaim_retry gives up after 16
/// attempts without progress, v6.18. Here a page counts when it is sent, for it will leave; after a batch of failures
/// it does not, so that attempts look at everything there is and are counted as having found nothing.
/// </remarks>
public sealed class ReclaimFailures
{
    private long unwritten;

    /// <summary>Whether pages of a group, or (null) of any, that are sent count for nothing until one has left.
    /// </summary>
    public bool CountForNothing(MemCgroup? group) => (group?.Unwritten ?? unwritten) >= ScanControl.ClusterMax;

    /// <summary>A page on its way out could not be written.</summary>
    public void Unwritten(Pfn page, MemCgroups? groups)
    {
        unwritten++;
        groups?.CountUnwritten(page, hasLeft: false);
    }

    /// <summary>A page has left.</summary>
    public void Left(Pfn page, MemCgroups? groups)
    {
        unwritten = 0;
        groups?.CountUnwritten(page, hasLeft: true);
    }

    /// <summary>Nobody waits any more, or there is memory all the same: it is counted anew.</summary>
    public void Forget() => unwritten = 0;
}
