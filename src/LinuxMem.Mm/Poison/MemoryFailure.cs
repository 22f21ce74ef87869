using LinuxMem.Abi;
using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.Oom;
using LinuxMem.Mm.PageTables;
using LinuxMem.Mm.Rmap;
using LinuxMem.Mm.Tlb;
using LinuxMem.Simulation.Mutants;

namespace LinuxMem.Mm.Poison;

/// <summary>A frame has a memory error: takes it out of use, with as little loss as can be.</summary>
/// <remarks>
/// Linux: mm/memory-failure.c: memory_failure, hwpoison_user_mappings, me_pagecache_clean, me_pagecache_dirty, v6.18,
/// with late kill: who accesses a page that is lost gets SIGBUS (BUS_MCEERR_AR) then. Frames that are free, of private
/// memory, or of files are handled; those of the kernel, of page tables, of shared memory, known to swap, or with I/O
/// under way are ignored, which Linux does to the first two (it waits for I/O, and handles the others).
/// </remarks>
public sealed class MemoryFailure
{
    private readonly KernelMemory memory;
    private readonly PageMapper mapper;
    private readonly RmapWalk rmap;
    private readonly FilePages files;
    private readonly Func<int, AddressSpace?> mappingOf;
    private readonly KernelLog log;
    private readonly List<RmapEntry> entries = [];

    /// <summary>Over one machine's memory.</summary>
    public MemoryFailure(KernelMemory memory, PageMapper mapper, RmapWalk rmap, FilePages files,
        Func<int, AddressSpace?> mappingOf, KernelLog log)
    {
        this.memory = memory;
        this.mapper = mapper;
        this.rmap = rmap;
        this.files = files;
        this.mappingOf = mappingOf;
        this.log = log;
    }

    /// <summary>
    /// A frame has an error. EBUSY: it is ignored; EHWPOISON: it had one before; ENXIO: there is no such frame.
    /// </summary>
    public Errno Fail(Pfn pfn, TrapPoint at)
    {
        if (pfn.Value >= memory.Map.FrameCount)
            return Errno.ENXIO;
        PageFrame frame = memory.Map[pfn];
        if ((frame.Flags & PageFlags.HwPoison) != 0)
            return Tell(at, pfn, "already hardware poisoned page", "Failed", Errno.EHWPOISON);
        if (memory.Allocator.TakePageOff(pfn))
        {
            memory.RetireFree(pfn);
            return Tell(at, pfn, "free buddy page", "Recovered", Errno.None);
        }

        const PageFlags busy = PageFlags.Locked | PageFlags.Writeback | PageFlags.Reclaim | PageFlags.SwapCached;
        bool isHandled = frame.Place is FramePlace.Anon or FramePlace.File && (frame.Flags & busy) == 0
            && !memory.Io!.IsUnderWay(pfn) && pfn != memory.ZeroPage;
        if (!isHandled)
            return Tell(at, pfn, "unhandled page", "Ignored", Errno.EBUSY);
        return frame.Place == FramePlace.Anon ? FailAnon(pfn, at) : FailFile(pfn, at);
    }

    private Errno FailAnon(Pfn pfn, TrapPoint at)
    {
        memory.Map[pfn].Flags |= PageFlags.HwPoison;
        Unmap(pfn, mapper.PoisonEntry, at);
        return Tell(at, pfn, "dirty LRU page", "Recovered", Errno.None);
    }

    // A clean page is read again by who wants it; the contents of a dirty one are lost, and its file is told so.
    private Errno FailFile(Pfn pfn, TrapPoint at)
    {
        PageFrame frame = memory.Map[pfn];
        if (mappingOf(frame.Owner) is not { Host: not null } mapping)
            return Tell(at, pfn, "reserved kernel page", "Ignored", Errno.EBUSY);
        bool isDirty = (frame.Flags & PageFlags.Dirty) != 0 && memory.Mutant != Mutant.M59;
        memory.Map[pfn].Flags |= PageFlags.HwPoison;
        if (isDirty)
        {
            mapping.NoteWriteError();
            files.NoteLost(mapping, frame.Index);
        }

        Unmap(pfn, isDirty ? mapper.PoisonEntry : 0, at);
        files.Remove(mapping, pfn, 0);
        mapping.Host.IsWarm = false;
        return Tell(at, pfn, isDirty ? "dirty LRU page" : "clean LRU page", "Recovered", Errno.None);
    }

    private void Unmap(Pfn pfn, ulong left, TrapPoint at)
    {
        rmap.Find(pfn, entries);
        var gathers = new SortedDictionary<int, (Mm Mm, MmuGather Gather)>();
        foreach (RmapEntry mapping in entries)
        {
            Mm mm = mapping.Mm;
            if (!gathers.TryGetValue(mm.Id, out (Mm Mm, MmuGather Gather) batch))
            {
                mm.UpdateHiwaterRss();
                batch = (mm, memory.Coherence.Begin(mm));
                gathers.Add(mm.Id, batch);
            }

            mapper.Release(mm, mapping.Entry, batch.Gather);
            mapper.Set(mm, mapping.Slot, mapping.Va, left, at);
            batch.Gather.Touch(mapping.Va >> memory.Geometry.PageShift);
        }

        foreach ((Mm mm, MmuGather gather) in gathers.Values)
            memory.Coherence.Finish(mm, gather, at.Cpu, at.NowNs);
    }

    private Errno Tell(TrapPoint at, Pfn pfn, string what, string result, Errno error)
    {
        log.Print(at.NowNs, $"Memory failure: 0x{pfn.Value:x}: recovery action for {what}: {result}");
        return error;
    }
}
