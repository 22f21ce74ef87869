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

    /// <summary>Over one machine's memory.</summary>
    public ReadaheadPages(KernelMemory memory, FilePages files)
    {
        this.memory = memory;
        this.files = files;
    }

    /// <summary>
    /// Serves the miss of a mapping: makes the page, and what is to be read along. None if memory is out.
    /// </summary>
    public Pfn Miss(AddressSpace mapping, Readahead ra, VmFlags flags, uint index, uint first,
        ReadOnlySpan<uint> pages, int cpu, ref WorkCost cost)
    {
        made.Clear();
        if ((flags & (VmFlags.RandRead | VmFlags.SeqRead)) == VmFlags.SeqRead)
        {
            bool known = ra.Sync(index, Readahead.WindowMax, CachedBefore(index, first, pages));
            ReadWindow window = known ? new(ra.Start, ra.Size, ra.AsyncSize) : new(index, Readahead.WindowMax, 0);
            Fill(mapping, window, pages[(int)(window.Start - first)..], cpu, ref cost);
        }
        else if ((flags & VmFlags.RandRead) == 0)
        {
            if (ra.MmapMiss < Readahead.LotsOfMisses * 10)
                ra.MmapMiss++;
            if (ra.MmapMiss <= Readahead.LotsOfMisses)
            {
                ra.ReadAround(index);
                var window = new ReadWindow(ra.Start, ra.Size, ra.AsyncSize);
                Fill(mapping, window, pages[(int)(window.Start - first)..], cpu, ref cost);
            }
        }

        return MadeOrSingle(mapping, index, cpu, ref cost);
    }

    /// <summary>Serves the miss of a read: as <see cref="Miss"/>, for a caller that wants so many pages.</summary>
    public Pfn Read(AddressSpace mapping, Readahead ra, uint index, uint wanted, uint first, ReadOnlySpan<uint> pages,
        int cpu, ref WorkCost cost)
    {
        made.Clear();
        bool known = ra.Sync(index, wanted, CachedBefore(index, first, pages));
        ReadWindow window = known ? new(ra.Start, ra.Size, ra.AsyncSize) : new(index, wanted, 0);
        Fill(mapping, window, pages[(int)(window.Start - first)..], cpu, ref cost);
        return MadeOrSingle(mapping, index, cpu, ref cost);
    }

    private Pfn MadeOrSingle(AddressSpace mapping, uint index, int cpu, ref WorkCost cost)
    {
        foreach ((uint at, Pfn page) in made)
        {
            if (at == index)
                return page;
        }

        Pfn single = files.Add(mapping, index, cpu, ref cost);
        if (!single.IsNone)
            made.Add((index, single));
        return single;
    }

    /// <summary>Makes the pages of a reader's window that an answer about just these pages lacks.</summary>
    public void Ahead(AddressSpace mapping, Readahead ra, ReadOnlySpan<uint> pages, int cpu, ref WorkCost cost)
    {
        made.Clear();
        Fill(mapping, new ReadWindow(ra.Start, ra.Size, ra.AsyncSize), pages, cpu, ref cost);
    }

    /// <summary>Makes the pages of a window that the answer lacks, which begins with it.</summary>
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
                return;
            made.Add((at, page));
            if (at == mark)
                memory.Map[page].Flags |= PageFlags.Readahead;
        }
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
