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
    private ulong from;
    private ulong to;
    private Folio keptHead;
    private Folio keptTail;
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
        First = from = (start + memory.Geometry.PageOffsetMask) >> shift;
        Last = to = end >> shift;
        if (IsInside(mapping, start, out Folio head))
        {
            for (var steps = Cut(call, mapping, head, start, end); steps.MoveNext();)
                yield return steps.Current;
            keptHead = isKept ? head : default;
            First = isKept ? head.End : First;
        }

        if (!IsInside(mapping, end, out Folio tail) || end >> shift < First)
            yield break;
        for (var steps = Cut(call, mapping, tail, start, end); steps.MoveNext();)
            yield return steps.Current;
        keptTail = isKept ? tail : default;
        Last = isKept ? tail.First : Last;
    }

    /// <summary>Zeroes what was cut out of folios that stay whole, and has it not written, unless it stays.</summary>
    internal IEnumerator<PageLookup> Clear(CallProgress call, AddressSpace mapping, bool stays = false)
    {
        foreach (Folio folio in new[] { keptHead, keptTail })
        {
            if (folio.Order == 0 || stays)
                continue;
            yield return new PageLookup(mapping, folio.First, folio.Count);
            for (ulong index = Math.Max(folio.First, from); index < Math.Min(folio.End, to); index++)
                Clear(mapping, (uint)index, new Pfn(call.Pages[(int)(index - folio.First)]));
        }
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
        isKept = HasDirty(call.Pages, folio.First, from, to);
        if (isKept)
            yield break;
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
