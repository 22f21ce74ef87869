using System.Numerics;
using System.Runtime.InteropServices;
using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.Block;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.Stats;
using LinuxMem.Simulation.Mutants;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Mm.Swap;

/// <summary>Reads a page back from swap, and with it those beside it that are likely to be wanted next.</summary>
/// <remarks>
/// Linux: mm/swap_state.c: __swapin_nr_pages, swapin_nr_pages, swap_cluster_readahead, v6.18. The window is aligned in
/// the area, at most 2^vm.page-cluster pages, and grows with the pages of the last ones that were used. Linux looks at
/// the neighbours in the address space instead where no head moves; here it is always the neighbours in swap.
/// </remarks>
public sealed class SwapReadahead
{
    private readonly KernelMemory memory;
    private readonly List<Pfn> run = [];
    private int hits = 4;
    private uint previous;
    private int lastWindow;

    /// <summary>Over one machine's memory.</summary>
    public SwapReadahead(KernelMemory memory) => this.memory = memory;

    /// <summary>The slots to look at for a fault: those that would be read if its page is not there.</summary>
    public (uint First, int Count) WindowOf(SwapEntry entry)
    {
        uint mask = (uint)WindowPages(entry.Slot) - 1;
        uint last = memory.Swap.Areas[entry.Area].Pages - 1;
        uint first = Math.Max(1, entry.Slot & ~mask);
        return (first, (int)(Math.Min(entry.Slot | mask, last) - first + 1));
    }

    /// <summary>A page was found in the swap cache: if it had been read ahead, that was worth it.</summary>
    public void Hit(Pfn page)
    {
        ref PageFrame frame = ref memory.Map[page];
        if ((frame.Flags & PageFlags.Readahead) == 0)
            return;
        frame.Flags &= ~PageFlags.Readahead;
        memory.Stat.Add(VmEvent.SwapRaHit);
        hits++;
    }

    /// <summary>
    /// Reads the page of an entry and what goes with it; none if memory is out. Precondition: the answer, which begins
    /// at <paramref name="first"/>, says that it is not there.
    /// </summary>
    public Pfn Read(SwapEntry entry, uint first, ReadOnlySpan<uint> pages, int cpu, ref WorkCost cost)
    {
        Pfn wanted = Add(entry, cpu, ref cost);
        if (wanted.IsNone)
            return wanted;
        lastWindow = WindowPages(entry.Slot);
        hits = 0;
        previous = entry.Slot;
        uint from = first;
        uint to = first + (uint)pages.Length - 1;
        run.Clear();
        uint start = from;
        for (uint slot = from; slot <= to; slot++)
        {
            var at = new SwapEntry(entry.Area, slot);
            Pfn page = slot == entry.Slot ? wanted : Pfn.None;
            if (slot != entry.Slot && pages[(int)(slot - first)] == 0)
                page = Add(at, cpu, ref cost);
            if (page.IsNone)
            {
                Submit(entry.Area, start);
                start = slot + 1;
                continue;
            }

            if (slot != entry.Slot)
            {
                memory.Map[page].Flags |= PageFlags.Readahead;
                memory.Stat.Add(VmEvent.SwapRa);
            }

            run.Add(page);
        }

        Submit(entry.Area, start);
        return wanted;
    }

    /// <summary>
    /// Reads one page into the swap cache, since somebody will need it. False if memory is out. Precondition: it is not
    /// there.
    /// </summary>
    /// <remarks>Linux: mm/swap_state.c: read_swap_cache_async, v6.18.</remarks>
    public bool Fetch(SwapEntry entry, int cpu, ref WorkCost cost)
    {
        Pfn page = Add(entry, cpu, ref cost);
        if (page.IsNone)
            return false;
        run.Clear();
        run.Add(page);
        Submit(entry.Area, entry.Slot);
        return true;
    }

    private void Submit(int areaIndex, uint firstSlot)
    {
        if (run.Count == 0)
            return;
        SwapAreaSettings area = memory.Swap.Areas[areaIndex];
        ulong sector = area.FirstSector + ((ulong)firstSlot * memory.Io!.SectorsPerPage);
        memory.Io.Submit(area.Device, BlockOp.Read, sector, CollectionsMarshal.AsSpan(run), memory.Swap);
        foreach (Pfn page in run)
            memory.Count(page, VmEvent.PswpIn);
        run.Clear();
    }

    private Pfn Add(SwapEntry entry, int cpu, ref WorkCost cost)
    {
        Pfn page = memory.AllocData(cpu, FramePlace.SwapCache, zeroed: false, ref cost,
            memory.Groups?.PayerOf(entry));
        if (page.IsNone)
            return page;
        memory.Swap.Cache(entry, page);
        bool isStale = memory.Mutant == Mutant.M79 && run.Count > 0;
        memory.Swap.Store.Read(isStale ? entry with { Slot = entry.Slot - 1 } : entry, page);
        memory.Lru?.Add(page, memory.Shadows.Take(entry));
        return page;
    }

    private int WindowPages(uint slot)
    {
        int most = 1 << memory.Settings.Vm.PageCluster;
        if (most <= 1)
            return 1;
        int pages = hits + 2;
        if (pages == 2)
        {
            // Nothing that was read ahead was used: only neighbours of the last one make it worth trying.
            if (slot != previous + 1 && slot != previous - 1)
                pages = 1;
        }
        else
        {
            pages = Math.Max(4, (int)BitOperations.RoundUpToPowerOf2((uint)pages));
        }

        return Math.Max(Math.Min(pages, most), lastWindow / 2);
    }
}
