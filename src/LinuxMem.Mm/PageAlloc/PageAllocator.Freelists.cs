using System.Runtime.CompilerServices;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.Stats;
using LinuxMem.Simulation.Mutants;

namespace LinuxMem.Mm.PageAlloc;

/// <summary>Which zone serves an allocation, and the per-CPU lists in front of the zones.</summary>
public sealed unsafe partial class PageAllocator
{
    /// <remarks>
    /// Linux: mm/page_alloc.c: __alloc_pages_slowpath, v6.18, as far as its second pass over the zones.
    /// </remarks>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private uint AllocPagesSlowpath(int cpu, GfpFlags gfp, int order, int type, ZoneType highest, ref AllocCost cost)
    {
        cost.BelowLowWatermark = true;
        IsBelowLow = true;
        uint pfn = GetPageFromFreelist(cpu, order, type, highest, Gfp.SlowpathFlags(gfp), ref cost);
        if (pfn == 0 && (gfp & GfpFlags.MemAlloc) != 0)
            pfn = GetPageFromFreelist(cpu, order, type, highest, AllocFlags.NoWatermarks, ref cost);
        return pfn;
    }

    /// <summary>Goes over the zones from the preferred one down; 0 if none has a block to spare.</summary>
    /// <remarks>Linux: mm/page_alloc.c: get_page_from_freelist, v6.18.</remarks>
    private uint GetPageFromFreelist(
        int cpu, int order, int type, ZoneType highest, AllocFlags flags, ref AllocCost cost)
    {
        while (true)
        {
            for (int i = Math.Min((int)highest, zones.Length - 1); i >= 0; i--)
            {
                if (!MayTakeFrom(zones[i], order, highest, flags) && mutant != Mutant.M37)
                    continue;
                long free = zones[i].FreePages;
                uint pfn = TakeFrom(buddies[i], cpu, order, type, flags, ref cost);
                if (pfn == 0)
                    continue;
                Witness?.Note(i, order, free);
                stat.Add(VmEvent.PgAllocDma + i, 1L << order);
                return pfn;
            }

            if ((flags & AllocFlags.NoFragment) == 0)
                return 0;
            flags &= ~AllocFlags.NoFragment;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool MayTakeFrom(Zone zone, int order, ZoneType highest, AllocFlags flags)
    {
        if (order == 0 && zone.IsPlentiful(highest))
            return true;
        if (!zone.BelowHigh)
        {
            if (zone.WatermarkOk(order, zone.Watermarks.HighPages, highest, flags))
                return true;
            zone.BelowHigh = true;
        }

        long mark = (flags & AllocFlags.WmarkLow) != 0 ? zone.Watermarks.LowPages : zone.Watermarks.MinPages;
        return zone.WatermarkOk(order, mark, highest, flags) || (flags & AllocFlags.NoWatermarks) != 0;
    }

    /// <remarks>Linux: mm/page_alloc.c: rmqueue, rmqueue_pcplist, v6.18.</remarks>
    private uint TakeFrom(BuddyAllocator buddy, int cpu, int order, int type, AllocFlags flags, ref AllocCost cost)
    {
        if (order > Order.CostlyValue)
        {
            cost.ZoneLockTaken = true;
            return buddy.Rmqueue(order, type, flags);
        }

        PerCpuPages pcp = buddy.Zone.PerCpuLists[cpu];
        pcp.FreeCount >>= 1;
        ref FrameList list = ref pcp.Lists[PerCpuPages.ListIndex(order, type)];
        if (list.Head == 0)
        {
            cost.ZoneLockTaken = true;
            if (!buddy.RmqueueBulk(pcp, order, type, flags, pcp.RefillBlocks(order, buddy.Zone.BelowHigh)))
                return 0;
        }

        return TakeFromPerCpuList(pcp, order, ref list);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private uint TakeFromPerCpuList(PerCpuPages pcp, int order, ref FrameList list)
    {
        pcp.Count -= 1 << order;
        return list.RemoveHead(frames);
    }

    /// <remarks>Linux: mm/page_alloc.c: free_frozen_page_commit, v6.18.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void FreeToPerCpuList(int cpu, BuddyAllocator buddy, uint pfn, int order, int type, ref AllocCost cost)
    {
        Zone zone = buddy.Zone;
        PerCpuPages pcp = zone.PerCpuLists[cpu];
        int list = PerCpuPages.ListIndex(order, type);
        FrameState.SetPlace(frames + pfn, order, FramePlace.PerCpuList);
        pcp.Lists[list].AddHead(frames, pfn);
        pcp.Count += 1 << order;
        int pages = pcp.PagesToReturn(order, zone.BelowHigh);
        if (pages != 0)
        {
            cost.ZoneLockTaken = true;
            ReturnPages(buddy, pcp, pages, list);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void ReturnPages(BuddyAllocator buddy, PerCpuPages pcp, int pages, int list)
    {
        Zone zone = buddy.Zone;
        buddy.FreePcppagesBulk(pcp, pages, list);
        if (zone.BelowHigh && zone.WatermarkOk(0, zone.Watermarks.HighPages, ZoneType.Normal, AllocFlags.WmarkMin))
            zone.BelowHigh = false;
    }
}
