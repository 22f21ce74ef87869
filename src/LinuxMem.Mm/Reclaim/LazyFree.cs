using LinuxMem.Arch.Addresses;
using LinuxMem.Arch.Paging;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.PageTables;
using LinuxMem.Mm.Stats;
using LinuxMem.Mm.Syscalls;
using LinuxMem.Mm.Tlb;

namespace LinuxMem.Mm.Reclaim;

/// <summary>Lets the pages of a range be dropped when memory is short, unless they are stored to: MADV_FREE.</summary>
/// <remarks>
/// Linux: mm/madvise.c: madvise_free_pte_range, v6.18. What is in swap goes at once. A page that swap knows, or that
/// may differ from what its entries say, is left alone where others have it too.
/// </remarks>
public sealed class LazyFree
{
    private const int BatchPages = 32;
    private readonly KernelMemory memory;
    private readonly PageMapper mapper;
    private readonly IMmObserver observer;
    private readonly PteFormat format;

    /// <summary>Over one machine's memory.</summary>
    public LazyFree(KernelMemory memory, PageMapper mapper, IMmObserver observer)
    {
        this.memory = memory;
        this.mapper = mapper;
        this.observer = observer;
        format = memory.Geometry.Format;
    }

    /// <summary>Does so with [start, end), a part of one private anonymous mapping.</summary>
    public IEnumerator<PageLookup> Run(CallProgress call, Mm mm, ulong start, ulong end)
    {
        mm.UpdateHiwaterRss();
        for (ulong va = start; va < end;)
        {
            if (!memory.Tables.Find(mm, va).Exists)
            {
                va = memory.Tables.SkipMissing(mm, va, end);
                continue;
            }

            ulong upTo = Math.Min(end, va + (BatchPages * memory.Geometry.PageBytes));
            // Its owner has to say whether a slot is anybody else's.
            if (TryFreeSlots(mm, va, upTo))
                yield return new PageLookup(memory.Swap.SlotRequests, 0, 1);
            call.Cost.FixedNs += Free(mm, va, upTo, call.At);
            observer.MayVanish(mm, va, upTo, always: false);
            va = upTo;
        }
    }

    private bool TryFreeSlots(Mm mm, ulong start, ulong end)
    {
        const PageFlags busy = PageFlags.Locked | PageFlags.Writeback;
        bool any = false;
        for (ulong va = start; va < end; va += memory.Geometry.PageBytes)
        {
            PteSlot slot = memory.Tables.Find(mm, va);
            ulong entry = slot.Exists ? memory.Tables.Read(slot) : 0;
            if (!mapper.IsMapped(entry))
                continue;
            PageFrame frame = memory.Map[mapper.PfnOf(entry)];
            if ((frame.Flags & (PageFlags.SwapCached | busy)) != PageFlags.SwapCached || frame.MapCount != 1)
                continue;
            memory.Swap.TryFree(mapper.PfnOf(entry));
            any = true;
        }

        return any;
    }

    private long Free(Mm mm, ulong start, ulong end, TrapPoint at)
    {
        MmuGather gather = memory.Coherence.Begin(mm);
        for (ulong va = start; va < end; va += memory.Geometry.PageBytes)
        {
            PteSlot slot = memory.Tables.Find(mm, va);
            ulong entry = slot.Exists ? memory.Tables.Read(slot) : 0;
            if (format.IsSwap(entry))
                mapper.DropSwapped(mm, slot, va, entry, at);
            else if (entry != 0 && entry == mapper.PoisonEntry)
                mapper.Set(mm, slot, va, 0, at);
            else if (mapper.IsMapped(entry))
                Free(mm, slot, va, entry, gather, at);
        }

        return memory.Coherence.Finish(mm, gather, at.Cpu, at.NowNs);
    }

    private void Free(Mm mm, PteSlot slot, ulong va, ulong entry, MmuGather gather, TrapPoint at)
    {
        Pfn page = mapper.PfnOf(entry);
        ref PageFrame frame = ref memory.Map[page];
        if ((frame.Flags & PageFlags.ZeroPage) != 0 || frame.Place != FramePlace.Anon)
            return;
        if ((frame.Flags & (PageFlags.SwapCached | PageFlags.Dirty)) != 0)
        {
            if (frame.MapCount != 1 || (frame.Flags & (PageFlags.SwapCached | PageFlags.Locked)) != 0)
                return;
            frame.Flags &= ~PageFlags.Dirty;
        }

        ulong used = format.Accessed | format.Dirty;
        if ((entry & used) != 0)
        {
            mapper.Set(mm, slot, va, entry & ~used, at);
            gather.Touch(va >> memory.Geometry.PageShift);
        }

        const PageFlags kind = PageFlags.Lru | PageFlags.SwapBacked | PageFlags.Unevictable;
        if ((frame.Flags & kind) != (PageFlags.Lru | PageFlags.SwapBacked))
            return;
        memory.Lru!.MakeLazyFree(page);
        memory.Count(page, VmEvent.PgLazyFree);
    }
}
