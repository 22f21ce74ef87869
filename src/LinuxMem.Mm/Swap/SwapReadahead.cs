using System.Runtime.InteropServices;
using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.Block;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.PageTables;
using LinuxMem.Mm.Stats;
using LinuxMem.Mm.Vmas;
using LinuxMem.Simulation;
using LinuxMem.Simulation.Mutants;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Mm.Swap;

/// <summary>Reads a page back from swap, and with it others that are likely to be wanted next.</summary>
/// <remarks>
/// Linux: mm/swap_state.c: swap_use_vma_readahead, swap_cluster_readahead, swap_vma_readahead, swap_update_readahead,
/// v6.18. Where a head moves in any area these are the page's neighbours in swap: an aligned window. Elsewhere they are
/// those of the address, of which each mapping remembers what they were worth: ahead of it, behind it, or around it
/// where nobody seems to go on from the last. There are 2^vm.page-cluster at most.
/// </remarks>
public sealed class SwapReadahead
{
    private const int NearMax = 1 << 5; // SWAP_RA_ORDER_CEILING
    private readonly KernelMemory memory;
    private readonly List<Pfn> run = [];
    private SwapTrail inSwap = SwapTrail.Fresh;

    /// <summary>Over one machine's memory.</summary>
    public SwapReadahead(KernelMemory memory) => this.memory = memory;

    private int Most => 1 << memory.Settings.Vm.PageCluster;

    private bool IsByAddress => !memory.Swap.Areas.AnyRotates;

    /// <summary>
    /// What to look up for a fault: the slots that would be read if its page is not there, which are
    /// <see cref="SwapOperations.Window"/> until the answer has come.
    /// </summary>
    /// <param name="entry">The slot of the page.</param>
    /// <param name="vma">The mapping.</param>
    /// <param name="mm">Its address space.</param>
    /// <param name="va">The address.</param>
    public PageLookup Choose(SwapEntry entry, Vma vma, Mm mm, ulong va)
    {
        memory.Swap.Window.Clear();
        if (IsByAddress)
            ChooseNear(entry, vma, mm, va);
        else
            ChooseBeside(entry);
        return new PageLookup(memory.Swap.WindowPages, 0, memory.Swap.Window.Count);
    }

    /// <summary>A page was found in the swap cache: if it had been read ahead, that was worth it.</summary>
    public void Hit(Pfn page, Vma vma, ulong va)
    {
        ref PageFrame frame = ref memory.Map[page];
        bool wasAhead = (frame.Flags & PageFlags.Readahead) != 0;
        frame.Flags &= ~PageFlags.Readahead;
        if (IsByAddress)
            vma.SwapTrail = vma.SwapTrail.Found(PageOf(va), wasAhead);
        if (!wasAhead)
            return;
        memory.Stat.Add(VmEvent.SwapRaHit);
        if (!IsByAddress)
            inSwap = inSwap.Found(inSwap.At, wasAhead: true);
    }

    /// <summary>
    /// Reads the page of an entry and what goes with it; none if memory is out. Precondition: the answer
    /// (<paramref name="pages"/>) to the look-up of <see cref="Choose"/> says that it is not there.
    /// </summary>
    public Pfn Read(SwapEntry entry, Vma vma, ulong va, ReadOnlySpan<uint> pages, int cpu, ref WorkCost cost)
    {
        Pfn wanted = Add(entry, cpu, ref cost);
        if (wanted.IsNone)
            return wanted;
        if (IsByAddress)
            vma.SwapTrail = new SwapTrail(PageOf(va), NearPages(vma, va), 0);
        else
            inSwap = new SwapTrail(entry.Slot, inSwap.WindowFor(entry.Slot, Most), 0);
        List<SwapEntry> window = memory.Swap.Window;
        SwapEntry first = default;
        run.Clear();
        for (int i = 0; i < window.Count; i++)
        {
            bool isOwn = window[i] == entry;
            Pfn page = isOwn ? wanted : pages[i] == 0 ? Add(window[i], cpu, ref cost) : Pfn.None;
            if (page.IsNone)
                continue;
            if (!isOwn)
            {
                memory.Map[page].Flags |= PageFlags.Readahead;
                memory.Stat.Add(VmEvent.SwapRa);
            }

            // What lies in a row is one request.
            if (run.Count > 0 && window[i] != first with { Slot = first.Slot + (uint)run.Count })
                Submit(first);
            if (run.Count == 0)
                first = window[i];
            run.Add(page);
        }

        Submit(first);
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
        Submit(entry);
        return true;
    }

    private void ChooseBeside(SwapEntry entry)
    {
        uint mask = (uint)inSwap.WindowFor(entry.Slot, Most) - 1;
        uint last = Math.Min(entry.Slot | mask, memory.Swap.Areas[entry.Area].Pages - 1);
        for (uint slot = Math.Max(1, entry.Slot & ~mask); slot <= last; slot++)
            memory.Swap.Window.Add(entry with { Slot = slot });
    }

    // Linux: mm/swap_state.c: swap_vma_ra_win, v6.18: not beyond the mapping, nor the page table.
    private void ChooseNear(SwapEntry entry, Vma vma, Mm mm, ulong va)
    {
        ulong bytes = memory.Geometry.PageBytes, table = memory.Geometry.Levels[^2].SpanBytes;
        ulong pages = (ulong)NearPages(vma, va), before = vma.SwapTrail.At;
        ulong back = PageOf(va) == before + 1 ? 0 : PageOf(va) == before - 1 ? pages - 1 : (pages - 1) / 2;
        ulong start = va - Math.Min(va, back * bytes);
        ulong end = Math.Min(va - (back * bytes) + (pages * bytes), Math.Min(vma.End, (va & ~(table - 1)) + table));
        start = Math.Max(start, Math.Max(vma.Start, va & ~(table - 1)));
        List<SwapEntry> window = memory.Swap.Window;
        for (ulong at = start; at < end; at += bytes)
        {
            PteSlot slot = memory.Tables.Find(mm, at);
            ulong pte = slot.Exists ? memory.Tables.Read(slot) : 0;
            if (!memory.Geometry.Format.IsSwap(pte))
                continue;
            SwapEntry near = SwapPte.EntryOf(memory.Geometry.Format, pte);
            if (!window.Contains(near))
                window.Add(near);
        }

        KernelBug.Assert(window.Contains(entry), $"{entry} is not named at 0x{va:x}, for which it is asked");
    }

    private int NearPages(Vma vma, ulong va) => vma.SwapTrail.WindowFor(PageOf(va), Math.Min(Most, NearMax));

    private ulong PageOf(ulong va) => va >> memory.Geometry.PageShift;

    private void Submit(SwapEntry first)
    {
        if (run.Count == 0)
            return;
        SwapAreaSettings area = memory.Swap.Areas[first.Area];
        ulong sector = area.FirstSector + ((ulong)first.Slot * memory.Io!.SectorsPerPage);
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
}
