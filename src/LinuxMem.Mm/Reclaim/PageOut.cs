using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.PageTables;
using LinuxMem.Mm.Syscalls;

namespace LinuxMem.Mm.Reclaim;

/// <summary>Makes the pages of a range leave at once: MADV_PAGEOUT.</summary>
/// <remarks>
/// Linux: mm/madvise.c: madvise_cold_or_pageout_pte_range; mm/vmscan.c: reclaim_pages, v6.18. Pages that others map
/// too, or that are on no list, stay. When the call returns, the pages are unmapped and on their way; they are free
/// when they are written (Linux keeps them in the swap cache until memory is short).
/// </remarks>
public sealed class PageOut
{
    private readonly KernelMemory memory;
    private readonly PageMapper mapper;
    private readonly Reclaimer reclaimer;

    /// <summary>Over one machine's memory.</summary>
    public PageOut(KernelMemory memory, PageMapper mapper, Reclaimer reclaimer)
    {
        this.memory = memory;
        this.mapper = mapper;
        this.reclaimer = reclaimer;
    }

    /// <summary>Does so with [start, end), a part of one mapping.</summary>
    public IEnumerator<PageLookup> Run(CallProgress call, Mm mm, ulong start, ulong end)
    {
        var batch = new List<Pfn>(ScanControl.ClusterMax);
        for (ulong va = start; va < end;)
        {
            va = Isolate(mm, va, end, batch);
            reclaimer.Sift(batch);
            int asked = reclaimer.AskForSlots(batch, call.At.Cpu);
            if (asked > 0)
                yield return new PageLookup(memory.Swap.SlotRequests, 0, asked);
            call.Cost.FixedNs += reclaimer.Send(batch, memory.Swap.Granted, null, call.At);
            call.Cost.UnmappedPages += batch.Count;
            batch.Clear();
        }

        reclaimer.Settle();
    }

    // Takes the next pages off their lists, a batch at most; the address behind the last that was looked at.
    private ulong Isolate(Mm mm, ulong va, ulong end, List<Pfn> batch)
    {
        while (va < end && batch.Count < ScanControl.ClusterMax)
        {
            PteSlot slot = memory.Tables.Find(mm, va);
            if (!slot.Exists)
            {
                va = memory.Tables.SkipMissing(mm, va, end);
                continue;
            }

            va += memory.Geometry.PageBytes;
            ulong entry = memory.Tables.Read(slot);
            if (!mapper.IsMapped(entry))
                continue;
            Pfn page = mapper.PfnOf(entry);
            ref PageFrame frame = ref memory.Map[page];
            if ((frame.Flags & (PageFlags.ZeroPage | PageFlags.Unevictable)) != 0 || frame.MapCount != 1)
                continue;
            frame.Flags &= ~PageFlags.Referenced;
            if (memory.Lru!.TryIsolate(page))
                batch.Add(page);
        }

        return va;
    }
}
