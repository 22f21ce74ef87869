using System.Runtime.CompilerServices;
using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.Stats;
using LinuxMem.Simulation;
using LinuxMem.Simulation.Faults;
using LinuxMem.Simulation.Mutants;
using LinuxMem.Simulation.Settings;
using LinuxMem.Simulation.Tracing;

namespace LinuxMem.Mm.PageAlloc;

/// <summary>
/// The page allocator: zones with buddy free lists and watermarks, and per-CPU lists in front of them.
/// </summary>
/// <remarks>
/// Linux: mm/page_alloc.c, v6.18, one node. Not modelled: HighAtomic, CMA and isolated pageblocks, watermark boost,
/// NUMA. What an allocation does after the min watermark refused it is its caller's affair. In the classic era there is
/// one zone without per-CPU lists and migrate types, and another rule (<see cref="ClassicRule"/>). Not thread-safe: the
/// kernel phase is one thread.
/// </remarks>
public sealed unsafe partial class PageAllocator
{
    private readonly MemMap map;
    private readonly PageFrame* frames;
    private readonly uint frameCount;
    private readonly VmStat stat;
    private readonly PageblockMap pageblocks;
    private readonly Zone[] zones;
    private readonly BuddyAllocator[] buddies;
    private readonly int cpus;
    private readonly Mutant mutant;
    private readonly bool isClassic;
    private readonly uint dmaEnd;
    private readonly uint dma32End;

    /// <summary>Boots: all frames but frame 0 are free, in blocks as large as can be. O(1).</summary>
    /// <param name="map">Descriptors, all zero; the allocator keeps it.</param>
    /// <param name="pageShift">log2 of the bytes of a page, 12 or more.</param>
    /// <param name="cpus">Number of CPUs, at least 1.</param>
    /// <param name="vm">Tunables.</param>
    /// <param name="mutant">The bug that is planted, if any.</param>
    /// <param name="stat">Counters to keep.</param>
    /// <param name="era">Whose rules it follows.</param>
    /// <exception cref="ConfigurationException">Too few frames or CPUs, or an impossible tunable.</exception>
    public PageAllocator(MemMap map, int pageShift, int cpus, VmSettings vm, VmStat stat,
        KernelEra era = KernelEra.Linux6, Mutant mutant = default)
    {
        isClassic = era == KernelEra.Classic;
        this.mutant = mutant;
        this.map = map;
        this.stat = stat;
        this.cpus = cpus;
        frames = map.Frames;
        frameCount = map.FrameCount;
        zones = ZoneBuilder.Build(frameCount, pageShift, cpus, vm, era);
        dmaEnd = zones[0].EndPfn.Value;
        dma32End = zones.Length > 1 ? zones[1].EndPfn.Value : dmaEnd;
        pageblocks = new PageblockMap(frameCount, pageShift, zones[0].MaxOrder);
        ZoneBuilder.ReserveFrameZero(map);
        buddies = new BuddyAllocator[zones.Length];
        for (int i = 0; i < zones.Length; i++)
        {
            buddies[i] = new BuddyAllocator(map, pageblocks, stat, zones[i], mutant) { KeepsNoOrder = isClassic };
            buddies[i].FreeAllAtBoot();
            ManagedPages += zones[i].ManagedPages;
        }
    }

    /// <summary>
    /// The zones that the machine has, indexed by <see cref="ZoneType"/>: small machines lack the higher ones.
    /// </summary>
    public IReadOnlyList<Zone> Zones => zones;

    /// <summary>Hears of frames taken and freed; null if nobody listens.</summary>
    public Tracer? Trace { get; set; }

    /// <summary>Frames that the allocator hands out, over all zones (MemTotal in pages).</summary>
    public long ManagedPages { get; private set; }

    /// <summary>
    /// Frames on free lists, over all zones; those on per-CPU lists do not count, as in Linux (MemFree in pages).
    /// </summary>
    public long FreePagesTotal => stat[VmEvent.NrFreePages];

    /// <summary>
    /// Whether an allocation found every zone at or below its low watermark since this was last reset: kswapd is to
    /// work.
    /// </summary>
    public bool IsBelowLow { get; set; }

    /// <summary>Watches allocations that come near a watermark; null if nobody checks them.</summary>
    public AllocWitness? Witness { get; set; }

    /// <summary>Allocations that were refused for want of memory.</summary>
    public long Refusals { get; private set; }

    /// <summary>Makes allocations fail (fail_page_alloc); null if none is to.</summary>
    public FaultInjector? Faults { get; set; }

    /// <summary>What the last of them asked for.</summary>
    public AllocWish LastRefusal { get; private set; }

    /// <summary>Pages that any zone lacks at least to its high watermark; 0 if one is above (pgdat_balanced).</summary>
    public long PagesBelowHigh => zones.Min(zone => Math.Max(0,
        zone.Watermarks.HighPages + zone.LowmemReserve(ZoneType.Normal) + (isClassic ? 0 : 1) - zone.FreePages));

    /// <summary>Pages that user allocations may still take before every zone is at its min watermark.</summary>
    public long PagesAboveMin => zones.Sum(zone => Math.Max(0,
        zone.FreePages - zone.Watermarks.MinPages - zone.LowmemReserve(ZoneType.Normal)));

    /// <summary>
    /// Pages that can be taken before every zone is at its low watermark, at least: CPUs' lists are taken to fill
    /// first.
    /// </summary>
    public long PagesAboveLow
    {
        get
        {
            long pages = 0;
            foreach (Zone zone in zones)
            {
                long lists = (long)cpus * (zone.PerCpuLists[0].Batch << PageAlloc.PerCpuPages.BatchScaleMax);
                long room = zone.FreePages - zone.Watermarks.LowPages - zone.LowmemReserve(ZoneType.Normal) - lists;
                pages += Math.Max(0, room);
            }

            return pages;
        }
    }

    /// <summary>Takes a block of frames.</summary>
    /// <remarks>
    /// Linux: mm/page_alloc.c: __alloc_frozen_pages_noprof, v6.18. Tries down to the low watermark, then as far as the
    /// flags allow. Postconditions: every frame of the block has the place, and its Generation has gone up by one; the
    /// first has RefCount 1. Everything else in the descriptors is zero.
    /// </remarks>
    /// <param name="cpu">The CPU that asks, from 0.</param>
    /// <param name="gfp">What it may do.</param>
    /// <param name="order">Size of the block.</param>
    /// <param name="place">What the frames are for: from PageTable to Kernel.</param>
    /// <param name="cost">What it took.</param>
    /// <returns>The first frame; none when watermarks or emptiness forbid. <see cref="DrainAll"/> may help
    /// then.</returns>
    public Pfn AllocPages(int cpu, GfpFlags gfp, Order order, FramePlace place, out AllocCost cost)
    {
        if ((uint)order.Value > Order.MaxValue || place is < FramePlace.PageTable or > FramePlace.Kernel)
            throw new KernelBug($"an allocation of order {order.Value} for {place} is impossible");
        cost = default;
        if (Faults is not null && PageAllocFaults.Fails(Faults, gfp, order, place))
            return Pfn.None;
        if (isClassic)
            return AllocClassic(gfp, order.Value, place, ref cost);
        int type = Gfp.MigrateTypeOf(gfp);
        ZoneType highest = Gfp.HighestZone(gfp);
        int preferred = Math.Min((int)highest, zones.Length - 1);

        Zone zone = zones[preferred];
        PerCpuPages pcp = zone.PerCpuLists[cpu];
        if (order.Value == 0 && pcp.Lists[type].Head != 0 && zone.IsPlentiful(highest))
        {
            pcp.FreeCount >>= 1;
            uint ready = TakeFromPerCpuList(pcp, order: 0, ref pcp.Lists[type]);
            stat.Add(VmEvent.PgAllocDma + preferred);
            FrameState.PrepareNew(frames, ready, order: 0, place);
            Trace?.Emit(Tracepoint.MmPageAlloc, ready, 0, type, (long)gfp);
            return new Pfn(ready);
        }

        if (Witness is not null)
            Witness.Gfp = gfp;
        // Where there are lower zones to turn to, types are kept apart before anything is mixed
        // (alloc_flags_nofragment).
        AllocFlags flags = AllocFlags.WmarkLow | (preferred == (int)ZoneType.Normal ? AllocFlags.NoFragment : 0);
        uint pfn = GetPageFromFreelist(cpu, order.Value, type, highest, flags, ref cost);
        if (pfn == 0)
        {
            pfn = AllocPagesSlowpath(cpu, gfp, order.Value, type, highest, ref cost);
            if (pfn == 0)
                return Refuse(new AllocWish(place, gfp, order.Value));
        }

        FrameState.PrepareNew(frames, pfn, order.Value, place);
        Trace?.Emit(Tracepoint.MmPageAlloc, pfn, order.Value, type, (long)gfp);
        return new Pfn(pfn);
    }

    private Pfn Refuse(in AllocWish wish)
    {
        Refusals++;
        LastRefusal = wish;
        return Pfn.None;
    }

    /// <summary>Gives a block back.</summary>
    /// <remarks>
    /// Linux: mm/page_alloc.c: free_frozen_pages, __free_pages_ok, v6.18. Preconditions: it was allocated with this
    /// order, has no reference and no mapping left, is on no list, and no TLB names it. Owner, index, age and flags are
    /// wiped here.
    /// </remarks>
    /// <exception cref="KernelBug">A precondition does not hold (I01, I03, I04).</exception>
    public void FreePages(int cpu, Pfn pfn, Order order, out AllocCost cost)
    {
        uint first = pfn.Value;
        Trace?.Emit(Tracepoint.MmPageFree, first, order.Value);
        if (order.Value == 0 && first - 1 < frameCount - 1)
        {
            cost = FreeFrame(cpu, first);
            return;
        }

        if ((uint)order.Value > Order.MaxValue || first == 0 || first >= frameCount || (first & (order.Pages - 1)) != 0)
            throw new KernelBug($"I04: no block of order {order.Value} can be freed at {pfn}");
        FrameState.PrepareFree(frames, first, order.Value);
        cost = default;
        stat.Add(VmEvent.PgFree, order.Pages);
        int zone = ZoneIndexOf(first);
        int type = pageblocks.TypeOf(first);
        if (order.Value <= Order.CostlyValue && !isClassic)
        {
            FreeToPerCpuList(cpu, buddies[zone], first, order.Value, type, ref cost);
            return;
        }

        cost.ZoneLockTaken = true;
        FrameState.SetPlace(frames + first, order.Value, FramePlace.Untouched);
        buddies[zone].FreeOnePage(first, order.Value, type, toTail: false);
    }

    // The usual case. With an order that is constant, little is left of what follows.
    private AllocCost FreeFrame(int cpu, uint pfn)
    {
        FrameState.PrepareFree(frames, pfn, order: 0);
        stat.Add(VmEvent.PgFree);
        AllocCost cost = default;
        if (isClassic)
            return FreeClassic(pfn);
        int zone = mutant == Mutant.M126 ? zones.Length - 1 : ZoneIndexOf(pfn);
        FreeToPerCpuList(cpu, buddies[zone], pfn, order: 0, pageblocks.TypeOf(pfn), ref cost);
        return cost;
    }

    /// <summary>Returns a CPU's lists to the zones.</summary>
    /// <remarks>Linux: mm/page_alloc.c: drain_pages, v6.18.</remarks>
    public void DrainCpu(int cpu)
    {
        foreach (BuddyAllocator buddy in buddies)
        {
            PerCpuPages pcp = buddy.Zone.PerCpuLists[cpu];
            buddy.FreePcppagesBulk(pcp, pcp.Count, firstList: 0);
        }
    }

    /// <summary>Returns every CPU's lists to the zones.</summary>
    /// <remarks>Linux: mm/page_alloc.c: drain_all_pages, v6.18.</remarks>
    public void DrainAll()
    {
        for (int cpu = 0; cpu < cpus; cpu++)
            DrainCpu(cpu);
    }

    /// <summary>Lets a CPU's lists shrink a step towards their smallest size; Linux does so once a second.</summary>
    /// <remarks>Linux: mm/vmstat.c: refresh_cpu_vm_stats; mm/page_alloc.c: decay_pcp_high, v6.18.</remarks>
    public void DecayCpu(int cpu)
    {
        foreach (BuddyAllocator buddy in buddies)
        {
            PerCpuPages pcp = buddy.Zone.PerCpuLists[cpu];
            buddy.FreePcppagesBulk(pcp, pcp.Decay(), firstList: 0);
        }
    }

    /// <summary>The zone of a frame. Precondition: the frame exists and is not frame 0.</summary>
    public Zone ZoneOf(Pfn pfn) => zones[ZoneIndexOf(pfn.Value)];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int ZoneIndexOf(uint pfn)
    {
        if (pfn >= dma32End)
            return (int)ZoneType.Normal;
        return pfn >= dmaEnd ? (int)ZoneType.Dma32 : (int)ZoneType.Dma;
    }
}
