using LinuxMem.Mm.MemMaps;
using LinuxMem.Simulation.Faults;

namespace LinuxMem.Mm.PageAlloc;

/// <summary>Asks whether an allocation of pages is to fail, as if there were none.</summary>
/// <remarks>
/// Linux: mm/fail_page_alloc.c: __should_fail_alloc_page, v6.18. Before anything is tried: neither reclaim nor the OOM
/// killer hears of it. What is movable is what Linux takes from high memory (GFP_HIGHUSER_MOVABLE).
/// </remarks>
internal static class PageAllocFaults
{
    public static bool Fails(FaultInjector faults, GfpFlags gfp, Order order, FramePlace place)
    {
        if ((gfp & GfpFlags.NoFail) != 0)
            return false;
        FaultTraits traits = ((gfp & GfpFlags.DirectReclaim) != 0 ? FaultTraits.MayWait : FaultTraits.None)
            | ((gfp & GfpFlags.Movable) != 0 ? FaultTraits.HighMem : FaultTraits.None);
        return faults.Fails(SiteOf(place), 1 << order.Value, traits);
    }

    private static FaultSite SiteOf(FramePlace place) => place switch
    {
        FramePlace.PageTable => FaultSite.TablePage,
        FramePlace.Anon => FaultSite.AnonPage,
        FramePlace.Shmem => FaultSite.ShmemPage,
        FramePlace.File => FaultSite.FilePage,
        FramePlace.SwapCache => FaultSite.SwapPage,
        _ => FaultSite.KernelPage,
    };
}
