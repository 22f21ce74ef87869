using LinuxMem.Arch.Addresses;
using LinuxMem.Arch.Paging;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.PageTables;
using LinuxMem.Mm.Rmap;
using LinuxMem.Mm.Userfault;
using LinuxMem.Mm.Vfs;
using LinuxMem.Mm.Vmas;
using LinuxMem.Simulation.Faults;
using LinuxMem.Simulation.Mutants;

namespace LinuxMem.Mm.Fault;

/// <summary>
/// Serves the first access to a page of a file or of shared memory: the frame is the page cache's, or a private copy of
/// it.
/// </summary>
/// <remarks>
/// Linux: mm/memory.c: do_read_fault, do_fault_around, do_cow_fault, do_shared_fault; mm/filemap.c: filemap_fault,
/// filemap_map_pages; mm/shmem.c: shmem_fault, v6.18. A fault is tried twice: first it says which pages it must know
/// of, then it is served with the page cache's answer; a page that is marked for readahead takes a third time. What the
/// cache lacks of a warm file (<see cref="Inode.IsWarm"/>) is made as if it had been there.
/// </remarks>
public sealed class FileFault
{
    /// <summary>
    /// Pages that a read fault maps at once, where the cache has them (fault_around_bytes, 64 KiB of 4 KiB pages).
    /// </summary>
    public const int FaultAroundPages = 16;

    private readonly KernelMemory memory;
    private readonly FaultQuestion question;
    private readonly PageMapper mapper;
    private readonly AnonVmas anonVmas;
    private readonly FilePages files;
    private readonly ReadaheadPages readahead;
    private readonly FolioFault folios;
    private readonly PteFormat format;
    private readonly int pageShift;
    private readonly int aroundPages;
    private Phase phase;
    private Pfn marked;
    private bool isAlone;
    private bool isSwapIn;
    private bool retries;

    /// <summary>Over one machine's memory.</summary>
    public FileFault(KernelMemory memory, FaultQuestion question, PageMapper mapper, AnonVmas anonVmas, FilePages files)
    {
        this.memory = memory;
        this.question = question;
        this.mapper = mapper;
        this.anonVmas = anonVmas;
        this.files = files;
        readahead = new ReadaheadPages(memory, files);
        folios = new FolioFault(memory, mapper, files);
        format = memory.Geometry.Format;
        pageShift = memory.Geometry.PageShift;
        aroundPages = memory.Settings.Kernel == Simulation.Settings.KernelEra.Classic ? 1 : FaultAroundPages;
    }

    /// <summary>
    /// Asks for the pages (<paramref name="pages"/> empty) or maps them. Precondition: the slot is empty.
    /// </summary>
    public FaultOutcome Handle(in VmFault fault, ReadOnlySpan<uint> pages, ref WorkCost cost)
    {
        AddressSpace mapping = fault.Vma.Mapping!;
        ulong index = fault.Vma.PageIndexOf(fault.Va);
        bool copies = fault.IsWrite && (fault.Vma.Flags & VmFlags.Shared) == 0;
        if (copies && anonVmas.Prepare(fault.Vma) is null)
            return FaultOutcome.OutOfMemory;
        if (fault.IsWrite && index >= mapping.EndIndex && memory.Mutant != Mutant.M50)
            return FaultOutcome.BusAdrErr;
        (uint first, uint end) = fault.IsWrite ? ((uint)index, (uint)index + 1) : AroundWindow(fault, (uint)index);
        if (!copies && mapping.Folios is not null)
            (first, end) = folios.Extend(fault, first, end);
        if (pages.IsEmpty)
        {
            phase = Phase.Look;
            retries = false;
            var lookup = new PageLookup(mapping, first, (int)(end - first));
            return question.Ask(lookup);
        }

        bool major = phase == Phase.Miss;
        isSwapIn = false;
        Pfn page = marked;
        if (phase == Phase.Miss)
            page = ReadMissed(fault, mapping, (uint)index, pages, ref cost);
        else if (phase == Phase.Scan && PlanAhead(fault, mapping, (uint)index, pages) is { } more)
            return more;
        else if (phase == Phase.Ahead)
            readahead.Ahead(mapping, pages, fault.At.Cpu, ref cost);
        else if (phase == Phase.Look && Look(fault, mapping, first, pages, out page, ref cost) is { } outcome)
            return outcome;
        if (page.IsNone)
            return FaultOutcome.OutOfMemory;
        if (files.IsBeingRead(page))
            return FaultOutcome.Waits(page, started: major || isSwapIn);
        if (files.HasReadError(page))
            return Reread(fault, mapping, page);
        bool reread = retries || ((memory.Map[page].Flags & PageFlags.Uptodate) == 0 && !mapping.IsShmem);
        memory.Map[page].Flags |= PageFlags.Uptodate;
        FaultOutcome served = fault.IsWrite
            ? copies ? CowFault(fault, page, ref cost) : SharedFault(fault, page, first, pages)
            : ReadFault(fault, page, first, pages);
        if (served.Kind == FaultKind.BusAdrErr)
            return served;
        return major || reread ? served with { IsMajor = major, IsReread = reread } : served;
    }

    // Linux: mm/filemap.c: filemap_read_folio, v6.18.
    private FaultOutcome Reread(in VmFault fault, AddressSpace mapping, Pfn page)
    {
        if (files.TryReread(mapping, memory.Map[page].Index, page))
            return FaultOutcome.Waits(page, started: true);
        RaOf(fault).ShrinkForError();
        return FaultOutcome.BusAdrErr;
    }

    // The first answer: what is around is mapped. Null where that leaves a page to be mapped by itself; else the fault
    // is served, is refused, or needs another answer first.
    private FaultOutcome? Look(in VmFault fault, AddressSpace mapping, uint first, ReadOnlySpan<uint> pages,
        out Pfn page, ref WorkCost cost)
    {
        ulong index = fault.Vma.PageIndexOf(fault.Va);
        page = Pfn.None;
        bool watched = (fault.Vma.Flags & (VmFlags.UffdWp | VmFlags.UffdMinor)) != 0;
        if (!fault.IsWrite && !watched && MapAround(fault, mapping, first, pages, ref cost))
            return new FaultOutcome(FaultKind.FileRead);
        if (index >= mapping.EndIndex && memory.Mutant != Mutant.M50)
            return FaultOutcome.BusAdrErr;
        page = new Pfn(pages[(int)(index - first)]);
        if ((fault.Vma.Flags & UserfaultRanges.Mask) != 0 && Supplied(fault, page, (uint)index) is { } waits)
            return waits;
        if (!page.IsNone)
            return HitsMark(fault, mapping, page, (uint)index);
        if (mapping.Host is { Kind: InodeKind.Regular, IsWarm: false })
        {
            PageLookup? plan = readahead.Plan(mapping, RaOf(fault), fault.Vma, (uint)index, first, pages);
            phase = Phase.Miss;
            isAlone = plan is null;
            PageLookup lookup = plan ?? new PageLookup(mapping, (uint)index, 1);
            return question.Ask(lookup);
        }

        isSwapIn = FilePages.IsSwapped(mapping, (uint)index);
        page = files.Add(mapping, (uint)index, fault.At.Cpu, ref cost);
        return null;
    }

    // Linux: mm/shmem.c: shmem_get_folio_gfp; mm/memory.c: do_fault, v6.18.
    private static FaultOutcome? Supplied(in VmFault fault, Pfn page, uint index)
    {
        bool isThere = !page.IsNone || FilePages.IsSwapped(fault.Vma.Mapping!, index);
        VmFlags needed = isThere ? VmFlags.UffdMinor : VmFlags.UffdMissing;
        return (fault.Vma.Flags & needed) == 0 ? null
            : UserfaultRanges.Outcome(fault, isThere ? FaultKind.UserfaultMinor : FaultKind.Userfault);
    }

    // The disk gives the page and what is read along; then the fault is tried again, and finds all of that.
    private Pfn ReadMissed(in VmFault fault, AddressSpace mapping, uint index, ReadOnlySpan<uint> pages,
        ref WorkCost cost)
    {
        if (isAlone)
        {
            Pfn alone = files.Add(mapping, index, fault.At.Cpu, ref cost);
            files.StartRead(mapping, index, alone);
            return alone;
        }

        if (memory.ReadRoom.MayWait && memory.ReadRoom.Lacks(pages.Count(0U)))
        {
            // It will miss again.
            RaOf(fault).MmapMiss--;
            return Pfn.None;
        }

        Pfn page = readahead.Read(mapping, index, pages, fault.At.Cpu, ref cost);
        if (page.IsNone || fault.IsWrite || files.IsBeingRead(page))
            return page;
        Span<uint> now = stackalloc uint[pages.Length];
        readahead.Merge(pages, readahead.First, now);
        MapAround(fault, mapping, readahead.First, now, ref cost);
        return page;
    }

    // The window is aligned in virtual address and stays inside the VMA and the leaf table.
    private (uint First, uint End) AroundWindow(in VmFault fault, uint index)
    {
        int slot = fault.Slot.Index;
        int aligned = slot & ~(aroundPages - 1);
        int pagesBelow = (int)Math.Min((ulong)slot, (fault.Va - fault.Vma.Start) >> pageShift);
        int from = Math.Max(aligned, slot - pagesBelow);
        int pagesAbove = (int)Math.Min((ulong)memory.Tables.LeafEntries, (fault.Vma.End - fault.Va) >> pageShift);
        int to = Math.Min(Math.Min(from + aroundPages, memory.Tables.LeafEntries), slot + pagesAbove);
        return (index - (uint)(slot - from), index + (uint)(to - slot));
    }

    // filemap_map_pages: maps what is cached, up to date and not marked. True if the page that was asked for is among
    // it.
    private bool MapAround(in VmFault fault, AddressSpace mapping, uint first, ReadOnlySpan<uint> pages,
        ref WorkCost cost)
    {
        uint index = (uint)fault.Vma.PageIndexOf(fault.Va);
        (uint from, uint end) = AroundWindow(fault, index);
        if (mapping.Folios is not null)
            (from, end) = folios.Extend(fault, from, end);
        end = (uint)Math.Min(end, mapping.EndIndex);
        bool warm = mapping.Host is null or { IsWarm: true } && !mapping.IsShmem;
        bool mapped = false;
        for (uint at = from; at < end; at++)
        {
            PteSlot slot = fault.Slot with { Index = fault.Slot.Index + (int)(at - index) };
            Pfn page = at - first < (uint)pages.Length ? new Pfn(pages[(int)(at - first)]) : Pfn.None;
            if (FolioFault.IsAtEnd(mapping, at))
                continue;
            bool isMapped = memory.Tables.Read(slot) != 0;
            if (page.IsNone && (isMapped || !warm))
                continue;
            if (page.IsNone)
                page = files.Add(mapping, at, fault.At.Cpu, ref cost);
            const PageFlags judged = PageFlags.Readahead | PageFlags.Uptodate;
            if (page.IsNone || (memory.Map[page].Flags & judged) != PageFlags.Uptodate)
                continue;
            if (RaOf(fault) is { MmapMiss: > 0 } ra)
                ra.MmapMiss--;
            if (isMapped)
                continue;
            ulong va = fault.Va + (((ulong)at - index) << pageShift);
            memory.Map[page].RefCount++;
            mapper.Map(fault.Mm, slot, va, page, mapper.FreshBits(fault.Vma) | format.Accessed,
                fault.At, fault.Vma.Flags);
            mapped |= at == index;
        }

        return mapped;
    }

    // The page is there and may ask for the next window to be read: do_async_mmap_readahead. That gives up mmap_lock,
    // even where nothing is left to read.
    private FaultOutcome? HitsMark(in VmFault fault, AddressSpace mapping, Pfn page, uint index)
    {
        if ((fault.Vma.Flags & VmFlags.RandRead) != 0)
            return null;
        Readahead ra = RaOf(fault);
        ref PageFrame frame = ref memory.Map[page];
        bool isMarked = (frame.Flags & PageFlags.Readahead) != 0;
        // Room first: the mark is cleared only once, and a window cut short leaves none for the next.
        if (isMarked && memory.ReadRoom.Lacks((int)readahead.MaxOf(ra)))
            return FaultOutcome.NoMemoryFor(page);
        if (ra.MmapMiss > 0)
            ra.MmapMiss--;
        if (!isMarked)
            return null;
        frame.Flags &= ~PageFlags.Readahead;
        retries = true;
        marked = page;
        if (readahead.PlanScan(mapping, ra, index) is not { } scan)
            return PlanAhead(fault, mapping, index, []);
        phase = Phase.Scan;
        return question.Ask(scan);
    }

    private FaultOutcome? PlanAhead(in VmFault fault, AddressSpace mapping, uint index, ReadOnlySpan<uint> behind)
    {
        if (readahead.PlanAhead(mapping, RaOf(fault), index, readahead.MaxOf(RaOf(fault)), behind) is not { } lookup)
            return null;
        phase = Phase.Ahead;
        return question.Ask(lookup);
    }

    private FaultOutcome ReadFault(in VmFault fault, Pfn page, uint first, ReadOnlySpan<uint> pages)
    {
        if (memory.Tables.Read(fault.Slot) != 0)
            return new FaultOutcome(FaultKind.FileRead);
        ulong bits = UserfaultRanges.IsProtected(fault)
            ? mapper.ReadOnlyBits(fault.Vma.Flags) : mapper.FreshBits(fault.Vma);
        if (phase == Phase.Look)
            folios.MapOthers(fault, first, pages, bits | format.Accessed);
        memory.Map[page].RefCount++;
        mapper.Map(fault.Mm, fault.Slot, fault.Va, page, bits | format.Accessed, fault.At, fault.Vma.Flags);
        return new FaultOutcome(FaultKind.FileRead);
    }

    private FaultOutcome SharedFault(in VmFault fault, Pfn page, uint first, ReadOnlySpan<uint> pages)
    {
        if (fault.Vma.Mapping is { Host.Kind: InodeKind.Regular }
            && memory.FaultSwitch.Fails(FaultSite.PageMkwrite))
            return FaultOutcome.BusAdrErr;
        memory.Map[page].RefCount++;
        files.MarkDirty(fault.Vma.Mapping!, page);
        if (fault.Vma.Mapping is { Host.IsOnDisk: true })
            fault.Mm.NoteStoresToFiles();
        ulong bits = mapper.ReadOnlyBits(fault.Vma.Flags) | format.Write | format.Dirty | format.Accessed;
        if (phase == Phase.Look)
        {
            folios.MarkOthersDirty(fault, first, pages);
            folios.MapOthers(fault, first, pages, bits);
        }

        mapper.Map(fault.Mm, fault.Slot, fault.Va, page, bits, fault.At, fault.Vma.Flags);
        return new FaultOutcome(FaultKind.FileSharedWrite);
    }

    private FaultOutcome CowFault(in VmFault fault, Pfn page, ref WorkCost cost)
    {
        AnonVma owner = fault.Vma.AnonVma!;
        Pfn copy = memory.AllocData(fault.At.Cpu, FramePlace.Anon, zeroed: false, ref cost);
        if (copy.IsNone)
            return FaultOutcome.NoMemoryFor(page);
        memory.Ram.CopyData(page, copy);
        cost.CopiedPages++;
        memory.InitAnon(copy, owner, fault.Vma.PageIndexOf(fault.Va), fault.Vma);
        ulong bits = mapper.ReadOnlyBits(fault.Vma.Flags) | format.Write | format.Dirty | format.Accessed;
        mapper.Map(fault.Mm, fault.Slot, fault.Va, copy, bits, fault.At, fault.Vma.Flags);
        return new FaultOutcome(FaultKind.FileCow);
    }

    // What the answer that a fault waits for is about.
    private enum Phase
    {
        Look,
        Miss,
        Scan,
        Ahead,
    }

    private static Readahead RaOf(in VmFault fault) => fault.Vma.File?.Readahead ?? fault.Vma.Mapping!.Readahead;
}
