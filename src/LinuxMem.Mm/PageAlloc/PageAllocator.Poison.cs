using LinuxMem.Arch.Addresses;

namespace LinuxMem.Mm.PageAlloc;

/// <content>Taking one certain frame away for good.</content>
public sealed unsafe partial class PageAllocator
{
    /// <summary>Takes a free frame off its list, wherever it is. False if it is not free.</summary>
    /// <remarks>
    /// Linux: mm/memory-failure.c: page_handle_poison; mm/page_alloc.c: take_page_off_buddy, v6.18: per-CPU lists are
    /// returned first.
    /// </remarks>
    public bool TakePageOff(Pfn pfn)
    {
        if (pfn.Value == 0 || pfn.Value >= frameCount)
            return false;
        DrainAll();
        return buddies[ZoneIndexOf(pfn.Value)].TakePageOff(pfn.Value);
    }
}
