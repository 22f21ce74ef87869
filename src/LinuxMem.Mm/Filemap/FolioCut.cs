using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.Syscalls;

namespace LinuxMem.Mm.Filemap;

/// <summary>Cuts a large folio of which a part is to leave the cache: splits it, or leaves it whole.</summary>
/// <remarks>
/// Linux: mm/truncate.c: truncate_inode_partial_folio, try_folio_split_or_unmap, v6.18. A folio of which something
/// still has to be written cannot be split: its buffers hold it. It stays whole then, unmapped, with zeros where it was
/// cut, behind the end of the file too.
/// </remarks>
internal sealed class FolioCut
{
    private readonly KernelMemory memory;
    private readonly FilePages files;
    private readonly MappingCut cuts;
    private readonly IMmObserver observer;
    private readonly int shift;
    private bool isKept;

    internal FolioCut(KernelMemory memory, FilePages files, MappingCut cuts, IMmObserver observer)
    {
        this.observer = observer;
        shift = memory.Geometry.PageShift;
        this.memory = memory;
        this.files = files;
        this.cuts = cuts;
    }

    /// <summary>The first of the whole pages that are to be dropped.</summary>
    internal ulong First { get; private set; }

    /// <summary>One past the last of them.</summary>
    internal ulong Last { get; private set; }

    /// <summary>
    /// Cuts the folios at the edges of a range of bytes, from one on, up to and without another. Precondition: nothing
    /// maps its whole pages.
    /// </summary>
    internal IEnumerator<PageLookup> Run(CallProgress call, AddressSpace mapping, ulong start, ulong end)
    {
        First = (start + memory.Geometry.PageOffsetMask) >> shift;
        Last = end >> shift;
        if (IsInside(mapping, start, out Folio head))
        {
            for (var steps = Cut(call, mapping, head, start, end); steps.MoveNext();)
                yield return steps.Current;
            First = isKept ? head.End : First;
        }

        if (!IsInside(mapping, end, out Folio tail) || end >> shift < First)
            yield break;
        for (var steps = Cut(call, mapping, tail, start, end); steps.MoveNext();)
            yield return steps.Current;
        Last = isKept ? tail.First : Last;
    }

    // Whether a byte is neither the first of a large folio nor behind it.
    private bool IsInside(AddressSpace mapping, ulong at, out Folio folio)
    {
        folio = default;
        return mapping.Folios is { } folios && folios.TryFind(at >> shift, out folio)
            && at != (ulong)folio.First << shift;
    }

    private IEnumerator<PageLookup> Cut(CallProgress call, AddressSpace mapping, Folio folio, ulong start, ulong end)
    {
        while (true)
        {
            yield return new PageLookup(mapping, folio.First, folio.Count);
            call.WaitsFor = FirstUnderWay(call.Pages);
            if (call.WaitsFor.IsNone)
                break;
            yield return PageLookup.Wait;
        }

        cuts.Unmap(mapping, folio.First, folio.End, copiesToo: false, call.At, ref call.Cost);
        ulong first = Math.Max(folio.First, (start + memory.Geometry.PageOffsetMask) >> shift);
        ulong last = Math.Min(folio.End, end >> shift);
        isKept = HasDirty(call.Pages, folio.First, first, last);
        if (isKept)
        {
            for (ulong index = first; index < last; index++)
                Clear(mapping, (uint)index, new Pfn(call.Pages[(int)(index - folio.First)]));
            yield break;
        }

        mapping.Folios!.Split(Math.Max(folio.First, start >> shift));
        mapping.Folios!.Split(end >> shift);
    }

    private Pfn FirstUnderWay(ReadOnlySpan<uint> pages)
    {
        foreach (uint page in pages)
        {
            if (page != 0 && files.IsUnderWay(new Pfn(page)))
                return new Pfn(page);
        }

        return Pfn.None;
    }

    private bool HasDirty(ReadOnlySpan<uint> pages, uint of, ulong first, ulong last)
    {
        for (int i = 0; i < pages.Length; i++)
        {
            bool stays = of + (ulong)i < first || of + (ulong)i >= last;
            if (stays && pages[i] != 0 && (memory.Map[new Pfn(pages[i])].Flags & PageFlags.Dirty) != 0)
                return true;
        }

        return false;
    }

    private void Clear(AddressSpace mapping, uint index, Pfn page)
    {
        if (page.IsNone)
            return;
        memory.Ram.ClearData(page);
        files.AnnounceZeros(observer, mapping, index, page, 0, (int)memory.Geometry.PageBytes);
        files.Discard(mapping, page);
    }
}
