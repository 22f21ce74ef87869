using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.PageTables;
using LinuxMem.Mm.Tlb;

namespace LinuxMem.Mm.Syscalls;

/// <summary>Makes pages look unused, so that they leave before others: MADV_COLD.</summary>
/// <remarks>
/// Linux: mm/madvise.c: madvise_cold_or_pageout_pte_range; mm/swap.c: folio_deactivate, v6.18. Pages that others map
/// too are left alone.
/// </remarks>
public sealed class ColdPages
{
    private readonly KernelMemory memory;
    private readonly PageMapper mapper;

    /// <summary>Over one machine's memory.</summary>
    public ColdPages(KernelMemory memory, PageMapper mapper)
    {
        this.memory = memory;
        this.mapper = mapper;
    }

    /// <summary>Does so with the pages of [start, end), a part of one mapping.</summary>
    public void Cool(Mm mm, ulong start, ulong end, TrapPoint at, ref WorkCost cost)
    {
        MmuGather gather = memory.Coherence.Begin(mm);
        for (ulong va = start; va < end;)
        {
            PteSlot slot = memory.Tables.Find(mm, va);
            if (!slot.Exists)
            {
                va = memory.Tables.SkipMissing(mm, va, end);
                continue;
            }

            Cool(mm, slot, va, gather, at);
            va += memory.Geometry.PageBytes;
        }

        cost.FixedNs += memory.Coherence.Finish(mm, gather, at.Cpu, at.NowNs);
    }

    private void Cool(Mm mm, PteSlot slot, ulong va, MmuGather gather, TrapPoint at)
    {
        ulong accessed = memory.Geometry.Format.Accessed;
        ulong entry = memory.Tables.Read(slot);
        if (!mapper.IsMapped(entry))
            return;
        Pfn page = mapper.PfnOf(entry);
        ref PageFrame frame = ref memory.Map[page];
        if ((frame.Flags & PageFlags.ZeroPage) != 0 || frame.MapCount != 1)
            return;
        if ((entry & accessed) != 0)
        {
            mapper.Set(mm, slot, va, entry & ~accessed, at);
            gather.Touch(va >> memory.Geometry.PageShift);
        }

        frame.Flags &= ~PageFlags.Referenced;
        if (memory.Lru!.Deactivate(page))
            memory.Count(page, Stats.VmEvent.PgDeactivate);
    }
}
