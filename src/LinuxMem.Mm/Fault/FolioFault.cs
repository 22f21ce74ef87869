using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.PageTables;
using LinuxMem.Mm.Userfault;

namespace LinuxMem.Mm.Fault;

/// <summary>What a fault on a file maps beyond its own page, where that is one of a large folio.</summary>
/// <remarks>
/// Linux: mm/filemap.c: filemap_map_folio_range; mm/memory.c: finish_fault, v6.18. A folio is mapped whole if it lies
/// inside the VMA and one leaf table and does not reach beyond the end of the file; what is around a fault is mapped
/// only of folios behind which the file goes on.
/// </remarks>
internal sealed class FolioFault
{
    private readonly KernelMemory memory;
    private readonly PageMapper mapper;
    private readonly FilePages files;
    private readonly int pageShift;

    internal FolioFault(KernelMemory memory, PageMapper mapper, FilePages files)
    {
        this.memory = memory;
        this.mapper = mapper;
        this.files = files;
        pageShift = memory.Geometry.PageShift;
    }

    /// <summary>The pages that a fault may map where it has these in view: folios at the edges as a whole.</summary>
    internal (uint First, uint End) Extend(in VmFault fault, uint first, uint end)
    {
        LargeFolios folios = fault.Vma.Mapping!.Folios!;
        if (folios.TryFind(first, out Folio head) && Reaches(fault, head))
            (first, end) = (Math.Min(first, head.First), (uint)Math.Max(end, head.End));
        if (folios.TryFind(end - 1, out Folio tail) && Reaches(fault, tail))
            (first, end) = (Math.Min(first, tail.First), (uint)Math.Max(end, tail.End));
        return (first, end);
    }

    /// <summary>Whether a page belongs to a folio behind which the file does not go on.</summary>
    internal static bool IsAtEnd(AddressSpace mapping, uint index) => mapping.Folios is { } folios
        && folios.TryFind(index, out Folio folio) && mapping.EndIndex <= folio.End;

    /// <summary>
    /// Maps the other pages of the folio that the fault's page belongs to, if none of them has an entry.
    /// </summary>
    /// <param name="fault">The fault.</param>
    /// <param name="first">Index of the first page that the cache was asked for.</param>
    /// <param name="pages">Its answer.</param>
    /// <param name="bits">Of their entries.</param>
    internal void MapOthers(in VmFault fault, uint first, ReadOnlySpan<uint> pages, ulong bits)
    {
        AddressSpace mapping = fault.Vma.Mapping!;
        uint index = (uint)fault.Vma.PageIndexOf(fault.Va);
        if (mapping.Folios is not { } folios || !folios.TryFind(index, out Folio folio)
            || (fault.Vma.Flags & UserfaultRanges.Mask) != 0 || folio.End > mapping.EndIndex || !Fits(fault, folio)
            || !AreThere(fault, folio, index, first, pages))
            return;
        for (uint at = folio.First; at < folio.End; at++)
        {
            if (at == index)
                continue;
            var page = new Pfn(pages[(int)(at - first)]);
            memory.Map[page].RefCount++;
            ulong va = fault.Va + (((ulong)at - index) << pageShift);
            mapper.Map(fault.Mm, SlotOf(fault, at, index), va, page, bits, fault.At, fault.Vma.Flags);
        }
    }

    /// <summary>A store makes the whole folio dirty, up to the end of the file.</summary>
    /// <remarks>Linux: fs/ext4/inode.c: ext4_page_mkwrite, v6.18.</remarks>
    internal void MarkOthersDirty(in VmFault fault, uint first, ReadOnlySpan<uint> pages)
    {
        AddressSpace mapping = fault.Vma.Mapping!;
        if (mapping.Folios is not { } folios || !folios.TryFind(fault.Vma.PageIndexOf(fault.Va), out Folio folio))
            return;
        for (int i = 0; i < pages.Length; i++)
        {
            if (pages[i] != 0 && folio.Has(first + (ulong)i) && first + (ulong)i < mapping.EndIndex)
                files.MarkDirty(mapping, new Pfn(pages[i]));
        }
    }

    /// <summary>The same of a store to a page that is mapped already, for what is mapped beside it.</summary>
    internal void MarkMappedDirty(in VmFault fault)
    {
        AddressSpace mapping = fault.Vma.Mapping!;
        uint index = (uint)fault.Vma.PageIndexOf(fault.Va);
        if (mapping.Folios is not { } folios || !folios.TryFind(index, out Folio folio) || !Fits(fault, folio))
            return;
        for (uint at = folio.First; at < Math.Min(folio.End, mapping.EndIndex); at++)
        {
            ulong entry = memory.Tables.Read(SlotOf(fault, at, index));
            if (mapper.IsMapped(entry) && memory.Map[mapper.PfnOf(entry)].Place == FramePlace.File)
                files.MarkDirty(mapping, mapper.PfnOf(entry));
        }
    }

    // A store has to do with the whole folio, whatever of it can be mapped.
    private bool Reaches(in VmFault fault, Folio folio) => fault.IsWrite
        || (folio.End <= fault.Vma.Mapping!.EndIndex && Fits(fault, folio));

    private bool Fits(in VmFault fault, Folio folio)
    {
        long index = (long)fault.Vma.PageIndexOf(fault.Va);
        long below = index - folio.First, above = (long)folio.End - index;
        long slotsAbove = memory.Tables.LeafEntries - fault.Slot.Index;
        return below <= fault.Slot.Index && below <= (long)((fault.Va - fault.Vma.Start) >> pageShift)
            && above <= slotsAbove && above <= (long)((fault.Vma.End - fault.Va) >> pageShift);
    }

    private bool AreThere(in VmFault fault, Folio folio, uint index, uint first, ReadOnlySpan<uint> pages)
    {
        if (folio.First < first || folio.End > first + (ulong)pages.Length)
            return false;
        for (uint at = folio.First; at < folio.End; at++)
        {
            var page = new Pfn(pages[(int)(at - first)]);
            if (page.IsNone || (memory.Map[page].Flags & PageFlags.Uptodate) == 0
                || memory.Tables.Read(SlotOf(fault, at, index)) != 0)
                return false;
        }

        return true;
    }

    private static PteSlot SlotOf(in VmFault fault, uint at, uint index) =>
        fault.Slot with { Index = fault.Slot.Index + (int)((long)at - index) };
}
