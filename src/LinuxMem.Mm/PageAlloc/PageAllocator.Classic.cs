using System.Runtime.CompilerServices;
using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.Stats;

namespace LinuxMem.Mm.PageAlloc;

/// <content>Giving out and taking back as Linux 2.0 did: one zone, one free list an order, no lists of CPUs.</content>
public sealed unsafe partial class PageAllocator
{
    /// <remarks>
    /// Linux: mm/page_alloc.c: __get_free_pages, v2.0. Where it would call try_to_free_page and repeat, the allocation
    /// is refused, and its task waits until the next kernel step has freed something.
    /// </remarks>
    private Pfn AllocClassic(GfpFlags gfp, int order, FramePlace place, ref AllocCost cost)
    {
        Zone zone = zones[0];
        cost.ZoneLockTaken = true;
        uint pfn = order <= ClassicRule.MaxOrder
            && ClassicRule.Allows(ClassicRule.PriorityOf(gfp), zone.FreePages, zone.Watermarks.MinPages)
            ? buddies[0].RmqueueClassic(order) : 0;
        if (zone.FreePages < zone.Watermarks.LowPages)
        {
            cost.BelowLowWatermark = true;
            IsBelowLow = true;
        }

        if (pfn == 0)
            return Refuse(new AllocWish(place, gfp, order));
        stat.Add(VmEvent.PgAllocDma + (int)zone.Type, 1L << order);
        FrameState.PrepareNew(frames, pfn, order, place);
        frames[pfn].Age = ClassicRule.InitialAge;
        return new Pfn(pfn);
    }

    /// <remarks>Linux: mm/page_alloc.c: free_pages_ok, v2.0.</remarks>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private AllocCost FreeClassic(uint pfn)
    {
        FrameState.SetPlace(frames + pfn, 0, FramePlace.Untouched);
        buddies[0].FreeOnePage(pfn, 0, (int)MigrateType.Movable, toTail: false);
        return new AllocCost { ZoneLockTaken = true };
    }
}
