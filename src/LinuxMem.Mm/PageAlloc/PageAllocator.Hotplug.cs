using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.Stats;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Mm.PageAlloc;

/// <content>Frames that leave the machine, and come.</content>
public sealed unsafe partial class PageAllocator
{
    /// <summary>
    /// A zone has so many frames more, or fewer: all watermarks are computed anew from what is there.
    /// </summary>
    /// <remarks>Linux: mm/memory_hotplug.c: adjust_managed_page_count, init_per_zone_wmark_min, v6.18.</remarks>
    public void Resize(Zone zone, long pages, VmSettings vm, int pageShift)
    {
        zone.ManagedPages += pages;
        ManagedPages += pages;
        long minFreeKbytes = vm.MinFreeKbytes ?? WatermarkFormula.MinFreeKbytes(ManagedPages << (pageShift - 10));
        Span<long> managed = stackalloc long[3];
        managed.Clear();
        for (int i = 0; i < zones.Length; i++)
            managed[i] = zones[i].ManagedPages;
        foreach (Zone one in zones)
        {
            one.SetLimits(
                WatermarkFormula.ForZone(
                    minFreeKbytes, pageShift, one.ManagedPages, ManagedPages, vm.WatermarkScaleFactor),
                WatermarkFormula.LowmemReserve(one.Type, managed));
        }
    }

    /// <summary>Gives the buddy system a frame that it has not had, or has lost.</summary>
    /// <param name="pfn">The frame.</param>
    /// <param name="wasInUse">Whether it counts as allocated until now.</param>
    public void GiveBack(Pfn pfn, bool wasInUse)
    {
        Zone zone = ZoneOf(pfn);
        if (wasInUse)
            stat.Add(VmEvent.PgFree);
        // It may become the inside of a block, of which only the first frame is marked.
        map[pfn].Place = FramePlace.Untouched;
        buddies[zone.Index].FreeOnePage(pfn.Value, 0, pageblocks.TypeOf(pfn.Value), toTail: false);
    }
}
