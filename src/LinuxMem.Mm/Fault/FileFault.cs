using LinuxMem.Arch.Addresses;
using LinuxMem.Arch.Paging;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.PageTables;
using LinuxMem.Mm.Rmap;
using LinuxMem.Mm.Vmas;

namespace LinuxMem.Mm.Fault;

/// <summary>
/// Serves the first access to a page of a file or of shared memory: the frame is the page cache's, or a private copy of
/// it.
/// </summary>
/// <remarks>
/// Linux: mm/memory.c: do_read_fault, do_fault_around, do_cow_fault, do_shared_fault, v6.18. A fault is tried twice:
/// first it says which pages it must know of, then it is served with the page cache's answer. A page that the cache
/// lacks is made here, zeroed, and given to the cache: shared memory begins so, and of files the contents are not
/// modelled yet.
/// </remarks>
public sealed class FileFault
{
    /// <summary>
    /// Pages that a read fault maps at once, where the cache has them (fault_around_bytes, 64 KiB of 4 KiB pages).
    /// </summary>
    public const int FaultAroundPages = 16;

    private readonly KernelMemory memory;
    private readonly PageMapper mapper;
    private readonly AnonVmas anonVmas;
    private readonly List<PageInsert> inserts;
    private readonly PteFormat format;
    private readonly int pageShift;

    /// <summary>Over one machine's memory; new pages of the cache are added to <paramref name="inserts"/>.</summary>
    public FileFault(KernelMemory memory, PageMapper mapper, AnonVmas anonVmas, List<PageInsert> inserts)
    {
        this.memory = memory;
        this.mapper = mapper;
        this.anonVmas = anonVmas;
        this.inserts = inserts;
        format = memory.Geometry.Format;
        pageShift = memory.Geometry.PageShift;
    }

    /// <summary>
    /// Asks for the pages (<paramref name="pages"/> empty) or maps them. Precondition: the slot is empty.
    /// </summary>
    public FaultOutcome Handle(in VmFault fault, ReadOnlySpan<uint> pages, ref WorkCost cost)
    {
        (ulong from, int count) = fault.IsWrite ? (fault.Va, 1) : Window(fault);
        AddressSpace mapping = fault.Vma.Mapping!;
        if (pages.IsEmpty)
        {
            var lookup = new PageLookup(mapping, (uint)fault.Vma.PageIndexOf(from), count);
            return new FaultOutcome(FaultKind.NeedsPages, Lookup: lookup);
        }

        if (!fault.IsWrite)
            return ReadFault(fault, from, pages, ref cost);
        Pfn page = CachePage(fault, fault.Va, pages[0], ref cost);
        if (page.IsNone)
            return FaultOutcome.OutOfMemory;
        return (fault.Vma.Flags & VmFlags.Shared) != 0 ? SharedFault(fault, page) : CowFault(fault, page, ref cost);
    }

    // The window is aligned in virtual address and stays inside the VMA and the leaf table.
    private (ulong From, int Count) Window(in VmFault fault)
    {
        int index = fault.Slot.Index;
        int aligned = index & ~(FaultAroundPages - 1);
        int pagesBelow = (int)Math.Min((ulong)index, (fault.Va - fault.Vma.Start) >> pageShift);
        int from = Math.Max(aligned, index - pagesBelow);
        int pagesAbove = (int)Math.Min((ulong)memory.Tables.LeafEntries, (fault.Vma.End - fault.Va) >> pageShift);
        int to = Math.Min(Math.Min(from + FaultAroundPages, memory.Tables.LeafEntries), index + pagesAbove);
        return (fault.Va - ((ulong)(index - from) << pageShift), to - from);
    }

    private FaultOutcome ReadFault(in VmFault fault, ulong from, ReadOnlySpan<uint> pages, ref WorkCost cost)
    {
        ulong bits = mapper.FreshBits(fault.Vma);
        int firstIndex = fault.Slot.Index - (int)((fault.Va - from) >> pageShift);
        bool cached = !fault.Vma.Mapping!.IsShmem;
        for (int i = 0; i < pages.Length; i++)
        {
            ulong va = from + ((ulong)i << pageShift);
            PteSlot slot = fault.Slot with { Index = firstIndex + i };
            bool target = va == fault.Va;
            if ((pages[i] == 0 && !cached && !target) || memory.Tables.Read(slot) != 0)
                continue;
            Pfn page = CachePage(fault, va, pages[i], ref cost);
            if (page.IsNone && target)
                return FaultOutcome.OutOfMemory;
            if (page.IsNone)
                continue;
            memory.Map[page].RefCount++;
            mapper.Map(fault.Mm, slot, va, page, target ? bits | format.Accessed : bits, fault.At);
        }

        return new FaultOutcome(FaultKind.FileRead);
    }

    private FaultOutcome SharedFault(in VmFault fault, Pfn page)
    {
        memory.Map[page].RefCount++;
        memory.Map[page].Flags |= PageFlags.Dirty;
        ulong bits = mapper.ReadOnlyBits(fault.Vma.Flags) | format.Write | format.Dirty | format.Accessed;
        mapper.Map(fault.Mm, fault.Slot, fault.Va, page, bits, fault.At);
        return new FaultOutcome(FaultKind.FileSharedWrite);
    }

    private FaultOutcome CowFault(in VmFault fault, Pfn page, ref WorkCost cost)
    {
        AnonVma owner = anonVmas.Prepare(fault.Vma);
        Pfn copy = memory.AllocData(fault.At.Cpu, FramePlace.Anon, zeroed: false, ref cost);
        if (copy.IsNone)
            return FaultOutcome.OutOfMemory;
        memory.Ram.CopyData(page, copy);
        cost.CopiedPages++;
        memory.InitAnon(copy, owner, fault.Vma.PageIndexOf(fault.Va));
        ulong bits = mapper.ReadOnlyBits(fault.Vma.Flags) | format.Write | format.Dirty | format.Accessed;
        mapper.Map(fault.Mm, fault.Slot, fault.Va, copy, bits, fault.At);
        return new FaultOutcome(FaultKind.FileCow);
    }

    private Pfn CachePage(in VmFault fault, ulong va, uint found, ref WorkCost cost)
    {
        if (found != 0)
            return new Pfn(found);
        AddressSpace mapping = fault.Vma.Mapping!;
        FramePlace place = mapping.IsShmem ? FramePlace.Shmem : FramePlace.File;
        Pfn page = memory.AllocData(fault.At.Cpu, place, zeroed: true, ref cost);
        if (page.IsNone)
            return page;
        uint index = (uint)fault.Vma.PageIndexOf(va);
        memory.InitCached(page, mapping, index);
        inserts.Add(new PageInsert(mapping.Id, index, page));
        return page;
    }
}
