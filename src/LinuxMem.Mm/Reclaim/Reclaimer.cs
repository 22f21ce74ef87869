using LinuxMem.Arch.Addresses;
using LinuxMem.Arch.Paging;
using LinuxMem.Mm.Block;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Lru;
using LinuxMem.Mm.Memcg;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.PageTables;
using LinuxMem.Mm.Rmap;
using LinuxMem.Mm.Stats;
using LinuxMem.Mm.Swap;
using LinuxMem.Mm.Tlb;
using LinuxMem.Simulation;
using LinuxMem.Simulation.Faults;
using LinuxMem.Simulation.Settings;
using LinuxMem.Simulation.Tracing;

namespace LinuxMem.Mm.Reclaim;

/// <summary>Takes pages out of memory: unmaps the policy's victims, writes them where they belong, frees
/// them.</summary>
/// <remarks>
/// Linux: mm/vmscan.c: shrink_folio_list, pageout, __remove_mapping; mm/rmap.c: try_to_unmap, v6.18. A page goes in
/// three steps, each when the one before is over: its entries are taken out of all page tables; when no TLB names it
/// any more, it is written if it has to be; when only its cache holds it, it is freed. Whoever maps it meanwhile keeps
/// it.
/// </remarks>
public sealed class Reclaimer
{
    private readonly KernelMemory memory;
    private readonly PageMapper mapper;
    private readonly RmapWalk rmap;
    private readonly FilePages files;
    private readonly Func<int, AddressSpace?> mappingOf;
    private readonly IoQueue io;
    private readonly Action<long> wakeFlusher;
    private readonly PteFormat format;
    private readonly GroupScan? groups;
    private readonly Predicate<Pfn> staysHeld;
    private readonly List<Pfn> victims = [];
    private readonly List<Pfn> ready = [];
    private readonly List<SwapAnswer> slots = [];
    private readonly List<RmapEntry> entries = [];
    private readonly SortedDictionary<int, (Mm Mm, MmuGather Gather)> gathers = [];

    /// <summary>Over one machine's memory.</summary>
    public Reclaimer(KernelMemory memory, PageMapper mapper, RmapWalk rmap, FilePages files,
        Func<int, AddressSpace?> mappingOf, IoQueue io, Action<long> wakeFlusher)
    {
        this.wakeFlusher = wakeFlusher;
        this.memory = memory;
        this.mapper = mapper;
        this.rmap = rmap;
        this.files = files;
        this.mappingOf = mappingOf;
        this.io = io;
        format = memory.Geometry.Format;
        staysHeld = StaysHeld;
        groups = memory.Groups is null ? null : new GroupScan(memory.Groups, memory.Lru!);
    }

    /// <summary>
    /// Looks for so many pages that can leave and sends them on their way. Yields where the owner of swap has to answer
    /// before it can go on.
    /// </summary>
    public IEnumerator<SwapOperations> Shrink(ScanControl control, int wanted, long nowNs)
    {
        SwapOperations swap = memory.Swap;
        var request = new ScanRequest
        {
            Wanted = wanted,
            Priority = control.Priority,
            MaySwap = swap.FreeSlots > 0 || swap.CachedPages > 0,
            FreePages = memory.Allocator.FreePagesTotal,
        };
        long before = control.Reclaimed;
        victims.Clear();
        if (groups is null)
            memory.Lru!.Select(ref request, victims);
        else
            SelectOfGroups(control, ref request);
        memory.Locks.Isolates(request.Scanned);
        Count(control, request.Scanned);
        victims.RemoveAll(staysHeld);
        if (memory.Faults is not null)
            victims.RemoveAll(FailsToSwap);
        int asked = 0;
        foreach (Pfn page in victims)
        {
            if (!NeedsSlot(page))
                continue;
            swap.Allocate(page, 0);
            asked++;
        }

        if (asked > 0)
        {
            yield return swap;
            swap.Take(slots);
        }

        int slot = 0;
        foreach (Pfn page in victims)
        {
            if (NeedsSlot(page))
            {
                SwapAnswer answer = slots[slot++];
                if (answer.Entry.IsNone)
                {
                    memory.Lru!.Return(page, KeepReason.NoSwap);
                    memory.Groups?.CancelSwap(page);
                    continue;
                }

                swap.Allocated(page, answer.Entry);
            }

            control.Reclaimed += Unmap(page, control, nowNs) ? 1 : 0;
        }

        foreach ((Mm mm, MmuGather gather) in gathers.Values)
            memory.Coherence.Finish(mm, gather, -1, nowNs);
        gathers.Clear();
        memory.Trace?.Emit(Tracepoint.LruShrink, 0, request.Scanned, control.Reclaimed - before, control.Priority);
        Settle();
    }

    /// <summary>Goes on with the pages that nothing but their cache holds any more.</summary>
    public void Settle()
    {
        while (memory.Settled.Count > 0)
        {
            ready.AddRange(memory.Settled);
            memory.Settled.Clear();
            foreach (Pfn page in ready)
            {
                PageFrame frame = memory.Map[page];
                const PageFlags busy = PageFlags.Locked | PageFlags.Writeback;
                if ((frame.Flags & PageFlags.Reclaim) != 0 && frame.MapCount == 0
                    && frame.RefCount == KernelMemory.CacheReferences(frame) && (frame.Flags & busy) == 0)
                    Leave(page);
            }

            ready.Clear();
        }
    }

    private bool StaysHeld(Pfn page)
    {
        if (!memory.Held.Has(page))
            return false;
        memory.Lru!.Return(page, KeepReason.Used);
        if (NeedsSlot(page))
            memory.Groups?.CancelSwap(page);
        return true;
    }

    private bool FailsToSwap(Pfn page)
    {
        bool fails = NeedsSlot(page) && (memory.FaultSwitch.Fails(FaultSite.GetSwapPages)
            || memory.FaultSwitch.Fails(FaultSite.SwapTableAlloc));
        if (!fails)
            return false;
        memory.Lru!.Return(page, KeepReason.NoSwap);
        memory.Groups?.CancelSwap(page);
        return true;
    }

    // Those whose group may have no more in swap stay.
    private void SelectOfGroups(ScanControl control, ref ScanRequest request)
    {
        groups!.Select(control.Group ?? memory.Groups!.Root, ref request, victims);
        int kept = 0;
        for (int i = 0; i < victims.Count; i++)
        {
            Pfn page = victims[i];
            if (NeedsSlot(page) && !memory.Groups!.TryChargeSwap(page))
                memory.Lru!.Return(page, KeepReason.NoSwap);
            else
                victims[kept++] = page;
        }

        victims.RemoveRange(kept, victims.Count - kept);
    }

    private bool NeedsSlot(Pfn page)
    {
        PageFrame frame = memory.Map[page];
        return frame.Place is FramePlace.Anon or FramePlace.Shmem && (frame.Flags & PageFlags.SwapCached) == 0;
    }

    private void Count(ScanControl control, int scanned)
    {
        control.Scanned += scanned;
        memory.Stat.Add(control.IsKswapd ? VmEvent.PgScanKswapd : VmEvent.PgScanDirect, scanned);
    }

    // Takes a victim out of all page tables; true if it is on its way out.
    private bool Unmap(Pfn page, ScanControl control, long nowNs)
    {
        ref PageFrame frame = ref memory.Map[page];
        if (frame.Place == FramePlace.Isolated)
            return true; // unmapped already, and free as soon as TLBs allow
        if ((frame.Flags & (PageFlags.Locked | PageFlags.Writeback)) != 0)
        {
            memory.Lru!.Return(page, KeepReason.Writeback);
            return false;
        }

        rmap.Find(page, entries);
        foreach (RmapEntry mapping in entries)
            UnmapOne(mapping, page, ref frame, nowNs);
        if (frame.Place == FramePlace.File && (frame.Flags & PageFlags.Dirty) != 0
            && mappingOf(frame.Owner) is { Host.IsOnDisk: true })
        {
            // Its file has to have it first, which is the flusher's business.
            wakeFlusher(nowNs);
            memory.Lru!.Return(page, KeepReason.Writeback);
            return false;
        }

        memory.BeginReclaim(page);
        memory.Stat.Add(control.IsKswapd ? VmEvent.PgStealKswapd : VmEvent.PgStealDirect);
        if (frame.RefCount == KernelMemory.CacheReferences(frame))
            memory.Settled.Add(page);
        return true;
    }

    private void UnmapOne(in RmapEntry mapping, Pfn page, ref PageFrame frame, long nowNs)
    {
        var at = new TrapPoint(-1, nowNs);
        Mm mm = mapping.Mm;
        if (!gathers.TryGetValue(mm.Id, out (Mm Mm, MmuGather Gather) batch))
        {
            mm.UpdateHiwaterRss();
            batch = (mm, memory.Coherence.Begin(mm));
            gathers.Add(mm.Id, batch);
        }

        ulong left = 0;
        if (frame.Place == FramePlace.Anon)
        {
            SwapEntry entry = memory.Swap.EntryOf(page);
            memory.Swap.Duplicate(entry);
            mm.SwapEntries++;
            left = SwapPte.Make(format, entry, (frame.Flags & PageFlags.AnonExclusive) != 0);
            // From here on the entry says it: fork may share that while the page is in the swap cache.
            frame.Flags &= ~PageFlags.AnonExclusive;
        }

        mapper.Release(mm, mapping.Entry, batch.Gather, forSwap: true);
        mapper.Set(mm, mapping.Slot, mapping.Va, left, at);
        batch.Gather.Touch(mapping.Va >> memory.Geometry.PageShift);
    }

    // No TLB names it any more: it is written, or goes.
    private void Leave(Pfn page)
    {
        ref PageFrame frame = ref memory.Map[page];
        if ((frame.Flags & PageFlags.SwapCached) == 0)
        {
            EvictFile(page);
            return;
        }

        if (frame.Place == FramePlace.Shmem)
            files.MoveToSwap(mappingOf(frame.Owner)!, page);
        if ((frame.Flags & PageFlags.Dirty) == 0)
        {
            EvictAnon(page);
            return;
        }

        SwapEntry entry = memory.Swap.EntryOf(page);
        frame.Flags &= ~PageFlags.Dirty;
        memory.Swap.Store.Write(entry, page);
        memory.Stat.Add(VmEvent.PswpOut);
        SwapAreaSettings area = memory.Swap.Areas[entry.Area];
        io.Write(area.Device, area.FirstSector + ((ulong)entry.Slot * io.SectorsPerPage), page, memory.Swap);
    }

    private void EvictAnon(Pfn page)
    {
        memory.Shadows.Put(memory.Swap.EntryOf(page), memory.Lru!.Evict(page));
        memory.EndReclaim(page);
        memory.Swap.Uncache(page);
    }

    private void EvictFile(Pfn page)
    {
        PageFrame frame = memory.Map[page];
        AddressSpace? mapping = mappingOf(frame.Owner);
        KernelBug.Assert(mapping?.Host is not null, $"I35 violated: frame {page} has no file");
        if ((frame.Flags & PageFlags.Dirty) != 0)
            files.WriteBack(mapping!.Host!, page);
        memory.Shadows.Put(frame.Owner, frame.Index, memory.Lru!.Evict(page));
        memory.EndReclaim(page);
        mapping!.Host!.IsWarm = false;
        files.Remove(mapping, page, 0);
    }
}
