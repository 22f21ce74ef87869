using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.Vmas;
using LinuxMem.Simulation.Mutants;

namespace LinuxMem.Mm.Filemap;

/// <summary>
/// Carries readahead out: makes the pages of a window that the cache lacks and marks where the next begins.
/// </summary>
/// <remarks>
/// Linux: mm/readahead.c: page_cache_ra_order, page_cache_ra_unbounded; mm/filemap.c: do_sync_mmap_readahead, v6.18.
/// </remarks>
public sealed class ReadaheadPages
{
    private readonly KernelMemory memory;
    private readonly FilePages files;
    private readonly List<(uint Index, Pfn Page)> made = [];
    private ReadWindow window;

    /// <summary>Over one machine's memory.</summary>
    public ReadaheadPages(KernelMemory memory, FilePages files)
    {
        this.memory = memory;
        this.files = files;
        Max = (uint)Math.Clamp(
            (memory.Settings.Vm.ReadAheadKb << 10) >> memory.Geometry.PageShift, 1, PageLookup.CountMax);
    }

    /// <summary>Pages of a full window (ra_pages).</summary>
    public uint Max { get; }

    /// <summary>Pages of a full window of one reader.</summary>
    public uint MaxOf(Readahead ra) =>
        Math.Max(1, (ra.IsDoubled ? Math.Min(Max * 2, PageLookup.CountMax) : Max) >> ra.ErrorShift);

    /// <summary>The first page of what was planned.</summary>
    public uint First => window.Start;

    /// <summary>
    /// The look-up that must be answered before a miss of a mapping is served: what is to be read along. Null where
    /// nothing is.
    /// </summary>
    public PageLookup? Plan(AddressSpace mapping, Readahead ra, Vma vma, uint index, uint first,
        ReadOnlySpan<uint> pages)
    {
        VmFlags flags = vma.Flags;
        // Code counts as read at random anyway, and MADV_RANDOM changes nothing for it.
        if ((flags & (VmFlags.RandRead | VmFlags.Exec)) == VmFlags.RandRead)
            return null;
        if ((flags & VmFlags.SeqRead) != 0)
            return PlanRead(mapping, ra, index, MaxOf(ra), first, pages);
        if (ra.MmapMiss < Readahead.LotsOfMisses * 10)
            ra.MmapMiss++;
        if (ra.MmapMiss > Readahead.LotsOfMisses)
            return null;
        if ((flags & VmFlags.Exec) != 0)
            ra.ReadCode(index, (uint)Math.Min(vma.PgOff + vma.SpanPages, uint.MaxValue), MaxOf(ra));
        else
            ra.ReadAround(index, MaxOf(ra));
        window = new ReadWindow(ra.Start, ra.Size, ra.AsyncSize);
        return LookupOf(mapping);
    }

    /// <summary>The same for a miss of a read that wants so many pages.</summary>
    public PageLookup PlanRead(AddressSpace mapping, Readahead ra, uint index, uint wanted, uint first,
        ReadOnlySpan<uint> pages)
    {
        uint max = MaxOf(ra);
        bool known = !ra.IsRandom && ra.Sync(index, wanted, CachedBefore(index, first, pages), max);
        window = known ? new(ra.Start, ra.Size, ra.AsyncSize) : new(index, Math.Min(wanted, max), 0);
        return LookupOf(mapping);
    }

    /// <summary>
    /// The look-up that must be answered before a marked page's window can be planned: what is cached behind it. Null
    /// where that does not matter.
    /// </summary>
    public PageLookup? PlanScan(AddressSpace mapping, Readahead ra, uint index)
    {
        uint count = Math.Min(MaxOf(ra), (uint)Math.Min(mapping.EndIndex, uint.MaxValue) - index - 1);
        return ra.Expects(index) || count == 0 ? null : new PageLookup(mapping, index + 1, (int)count);
    }

    /// <summary>
    /// The look-up for what a marked page lets be read for a caller that wants so many pages, with the answer to the
    /// scan (empty where there was none); null where there is nothing to read.
    /// </summary>
    public PageLookup? PlanAhead(AddressSpace mapping, Readahead ra, uint index, uint wanted, ReadOnlySpan<uint> behind)
    {
        int gap = behind.IndexOf(0U);
        uint cachedAfter = (uint)(gap < 0 ? behind.Length : gap);
        if (!ra.Async(index, wanted, cachedAfter, MaxOf(ra)) || ra.Start >= mapping.EndIndex)
            return null;
        window = new ReadWindow(ra.Start, ra.Size, ra.AsyncSize);
        return LookupOf(mapping);
    }

    /// <summary>Reads what was planned, with the answer to the look-up, and gives the page that was missed.</summary>
    public Pfn Read(AddressSpace mapping, uint index, ReadOnlySpan<uint> pages, int cpu, ref WorkCost cost)
    {
        Ahead(mapping, pages, cpu, ref cost);
        foreach ((uint at, Pfn page) in made)
        {
            if (at == index)
                return page;
        }

        Pfn alone = files.Add(mapping, index, cpu, ref cost);
        files.StartRead(mapping, index, alone);
        return alone;
    }

    /// <summary>Reads what was planned, with the answer to the look-up.</summary>
    public void Ahead(AddressSpace mapping, ReadOnlySpan<uint> pages, int cpu, ref WorkCost cost)
    {
        made.Clear();
        Fill(mapping, window, pages, cpu, ref cost);
    }

    // The window as far as the file reaches.
    private PageLookup LookupOf(AddressSpace mapping)
    {
        ulong end = Math.Min(EndOf(mapping), (ulong)window.Start + Math.Min(window.Size, PageLookup.CountMax));
        return new PageLookup(mapping, window.Start, (int)Math.Max(1, end - Math.Min(end, window.Start)));
    }

    private ulong EndOf(AddressSpace mapping) =>
        memory.Mutant == Mutant.M122 ? mapping.EndIndex + 1 : mapping.EndIndex;

    // Makes the pages of a window that the answer lacks, which begins with it.
    private void Fill(AddressSpace mapping, ReadWindow ra, ReadOnlySpan<uint> pages, int cpu, ref WorkCost cost)
    {
        uint end = (uint)Math.Min(EndOf(mapping), ra.Start + Math.Min((ulong)pages.Length, ra.Size));
        // Until the first cached page the mark lies where the window says; behind it the rest of the window is counted
        // anew, and only as far as the file reaches.
        uint mark = ra.Start + ra.Size - ra.AsyncSize;
        bool plain = true;
        for (uint at = ra.Start; at < end; at++)
        {
            if (pages[(int)(at - ra.Start)] != 0)
            {
                if (plain)
                    mark = end - at >= ra.AsyncSize ? end - ra.AsyncSize : uint.MaxValue;
                plain = false;
                continue;
            }

            Pfn page = files.Add(mapping, at, cpu, ref cost);
            if (page.IsNone)
                break;
            made.Add((at, page));
            if (at == mark)
                memory.Map[page].Flags |= PageFlags.Readahead;
        }

        files.StartReads(mapping, made);
    }

    /// <summary>Makes every page that an answer lacks, which begins at an index.</summary>
    public void All(AddressSpace mapping, uint first, ReadOnlySpan<uint> pages, int cpu, ref WorkCost cost)
    {
        made.Clear();
        Fill(mapping, new ReadWindow(first, (uint)pages.Length, 0), pages, cpu, ref cost);
    }

    /// <summary>An answer as it would be now, with what the last miss has made.</summary>
    public void Merge(ReadOnlySpan<uint> pages, uint first, Span<uint> into)
    {
        pages.CopyTo(into);
        foreach ((uint at, Pfn page) in made)
        {
            if (at >= first && at - first < (uint)into.Length)
                into[(int)(at - first)] = page.Value;
        }
    }

    private static uint CachedBefore(uint index, uint first, ReadOnlySpan<uint> pages)
    {
        uint count = 0;
        for (int i = (int)(index - first) - 1; i >= 0 && pages[i] != 0; i--)
            count++;
        return count;
    }

    private readonly record struct ReadWindow(uint Start, uint Size, uint AsyncSize);
}
