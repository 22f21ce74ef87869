using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.Vmas;

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

    /// <summary>The first page of what was planned.</summary>
    public uint First => window.Start;

    /// <summary>
    /// The look-up that must be answered before a miss of a mapping is served: what is to be read along. Null where
    /// nothing is.
    /// </summary>
    public PageLookup? Plan(AddressSpace mapping, Readahead ra, VmFlags flags, uint index, uint first,
        ReadOnlySpan<uint> pages)
    {
        if ((flags & VmFlags.RandRead) != 0)
            return null;
        if ((flags & VmFlags.SeqRead) != 0)
            return PlanRead(mapping, ra, index, Max, first, pages);
        if (ra.MmapMiss < Readahead.LotsOfMisses * 10)
            ra.MmapMiss++;
        if (ra.MmapMiss > Readahead.LotsOfMisses)
            return null;
        ra.ReadAround(index, Max);
        window = new ReadWindow(ra.Start, ra.Size, ra.AsyncSize);
        return LookupOf(mapping);
    }

    /// <summary>The same for a miss of a read that wants so many pages.</summary>
    public PageLookup PlanRead(AddressSpace mapping, Readahead ra, uint index, uint wanted, uint first,
        ReadOnlySpan<uint> pages)
    {
        bool known = ra.Sync(index, wanted, CachedBefore(index, first, pages), Max);
        window = known ? new(ra.Start, ra.Size, ra.AsyncSize) : new(index, wanted, 0);
        return LookupOf(mapping);
    }

    /// <summary>The same for a page that is marked; null where there is nothing to read.</summary>
    public PageLookup? PlanAhead(AddressSpace mapping, Readahead ra, uint index, uint cachedAfter)
    {
        if (!ra.Async(index, Max, cachedAfter, Max) || ra.Start >= mapping.EndIndex)
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
        ulong end = Math.Min(mapping.EndIndex, (ulong)window.Start + Math.Min(window.Size, PageLookup.CountMax));
        return new PageLookup(mapping, window.Start, (int)Math.Max(1, end - Math.Min(end, window.Start)));
    }

    // Makes the pages of a window that the answer lacks, which begins with it.
    private void Fill(AddressSpace mapping, ReadWindow ra, ReadOnlySpan<uint> pages, int cpu, ref WorkCost cost)
    {
        uint end = (uint)Math.Min(mapping.EndIndex, ra.Start + Math.Min((ulong)pages.Length, ra.Size));
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
