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
using LinuxMem.Simulation.Mutants;
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
public sealed partial class Reclaimer
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
        if (AskForSlots(victims, 0) > 0)
        {
            yield return swap;
            swap.Take(slots);
        }

        Send(victims, slots, control, new TrapPoint(-1, nowNs));
        memory.Trace?.Emit(Tracepoint.LruShrink, 0, request.Scanned, control.Reclaimed - before, control.Priority);
        Settle();
    }

    /// <summary>
    /// Of pages that are on no list any more, gives back to theirs those that cannot leave now: somebody waited for
    /// them, or swap may not have them.
    /// </summary>
    public void Sift(List<Pfn> pages)
    {
        if (memory.Groups is { } of)
            pages.RemoveAll(page => NeedsSlot(page) && !of.TryChargeSwap(page) && Refuse(page));
        pages.RemoveAll(staysHeld);
        if (memory.Faults is not null)
            pages.RemoveAll(FailsToSwap);
    }

    /// <summary>Asks for a slot for each page that needs one; says how many.</summary>
    public int AskForSlots(List<Pfn> pages, int cpu)
    {
        int asked = 0;
        foreach (Pfn page in pages)
        {
            if (!NeedsSlot(page))
                continue;
            memory.Swap.Allocate(page, cpu);
            asked++;
        }

        return asked;
    }

    /// <summary>
    /// Takes pages that are on no list out of all page tables and sends them on their way; those that got no slot, or
    /// have to be written by their file first, go back to their lists. The time that the interrupts take, in
    /// nanoseconds.
    /// </summary>
    /// <param name="pages">The pages.</param>
    /// <param name="granted">The answers to <see cref="AskForSlots"/>, in order.</param>
    /// <param name="control">Counts them; null where nobody scans for memory.</param>
    /// <param name="at">Where and when.</param>
    public long Send(List<Pfn> pages, List<SwapAnswer> granted, ScanControl? control, TrapPoint at)
    {
        int slot = 0;
        foreach (Pfn page in pages)
        {
            if (NeedsSlot(page))
            {
                SwapAnswer answer = granted[slot++];
                if (answer.Entry.IsNone)
                {
                    if (memory.Map[page].Place == FramePlace.Shmem)
                        UnmapKept(page, at);
                    memory.Lru!.Return(page, KeepReason.NoSwap);
                    memory.Groups?.CancelSwap(page);
                    continue;
                }

                memory.Swap.Allocated(page, answer.Entry);
            }

            if (Unmap(page, control, at) && control is not null)
                control.Reclaimed++;
        }

        long costNs = 0;
        foreach ((Mm mm, MmuGather gather) in gathers.Values)
            costNs += memory.Coherence.Finish(mm, gather, at.Cpu, at.NowNs);
        gathers.Clear();
        return costNs;
    }

    /// <summary>An attempt is over, for a group and those below it.</summary>
    public void AttemptOver(MemCgroup group) => memory.Lru!.AttemptOver(group);

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
        if (!memory.Held.Has(page) && !memory.Lent.Has(page))
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
        groups!.Select(control.Group ?? memory.Groups!.Root, control, ref request, victims);
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
        const PageFlags kind = PageFlags.SwapCached | PageFlags.SwapBacked;
        return frame.Place is FramePlace.Anon or FramePlace.Shmem && (frame.Flags & kind) == PageFlags.SwapBacked;
    }

    private bool Refuse(Pfn page)
    {
        memory.Lru!.Return(page, KeepReason.NoSwap);
        return true;
    }

    private void Count(ScanControl control, int scanned)
    {
        control.Scanned += scanned;
        memory.Stat.Add(control.IsKswapd ? VmEvent.PgScanKswapd : VmEvent.PgScanDirect, scanned);
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
        if (memory.Mutant != Mutant.M100)
            memory.Swap.Store.Write(entry, page);
        memory.Stat.Add(VmEvent.PswpOut);
        SwapAreaSettings area = memory.Swap.Areas[entry.Area];
        io.Write(area.Device, area.FirstSector + ((ulong)entry.Slot * io.SectorsPerPage), page, memory.Swap);
    }

    private void EvictAnon(Pfn page)
    {
        memory.Shadows.Put(memory.Swap.EntryOf(page), memory.Lru!.Evict(page));
        memory.Failures.Left(page, memory.Groups);
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
        memory.Failures.Left(page, memory.Groups);
        memory.EndReclaim(page);
        mapping!.Host!.IsWarm = false;
        files.Remove(mapping, page, 0);
    }
}
