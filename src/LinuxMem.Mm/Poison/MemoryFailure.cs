using LinuxMem.Abi;
using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.Oom;
using LinuxMem.Mm.PageTables;
using LinuxMem.Mm.Rmap;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Tlb;
using LinuxMem.Simulation.Mutants;

namespace LinuxMem.Mm.Poison;

/// <summary>A frame has a memory error: takes it out of use, with as little loss as can be.</summary>
/// <remarks>
/// Linux: mm/memory-failure.c: memory_failure, hwpoison_user_mappings, me_pagecache_clean, me_pagecache_dirty, v6.18,
/// with late kill unless vm.memory_failure_early_kill or the task itself says otherwise: who accesses a page that is
/// lost gets SIGBUS (BUS_MCEERR_AR) then. Frames that are free, of private memory, of files, or clean in the swap
/// cache are handled; those of the kernel, of page tables, of shared memory, dirty in the swap cache, or with I/O under
/// way are ignored, which Linux does to the first two (it waits for I/O, and handles the others).
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
    private TaskStruct? current;

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
    /// Tells the process of an address space that a page of it is lost: the address space, the address, how, and the
    /// task that is in the kernel. With BUS_MCEERR_AO only if it wants to know at once. Set once, at boot.
    /// </summary>
    public Action<Mm, ulong, SignalCode, TaskStruct?>? Lost { get; set; }

    /// <summary>Has the kernel panic, with a message. Set once, at boot.</summary>
    public Action<string>? Panics { get; set; }

    /// <summary>
    /// A frame has an error. EBUSY: it is ignored; EHWPOISON: it had one before; ENXIO: there is no such frame.
    /// </summary>
    /// <param name="pfn">The frame.</param>
    /// <param name="at">When.</param>
    /// <param name="caller">The task that has just accessed it, or says so (MF_ACTION_REQUIRED); null for none.</param>
    public Errno Fail(Pfn pfn, TrapPoint at, TaskStruct? caller = null)
    {
        if (!memory.Settings.Vm.MemoryFailureRecovery)
        {
            Panics?.Invoke($"Memory failure on page {pfn.Value:x}");
            return Errno.None;
        }

        current = caller;
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

        const PageFlags underWay = PageFlags.Locked | PageFlags.Writeback | PageFlags.Reclaim;
        if ((frame.Flags & (underWay | PageFlags.SwapCached | PageFlags.Dirty)) == PageFlags.SwapCached
            && frame.MapCount == 0 && frame.RefCount == 1 && !memory.Io!.IsUnderWay(pfn))
            return FailSwapCache(pfn, at);
        const PageFlags busy = underWay | PageFlags.SwapCached;
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

    // What is in swap too is read again from there. Linux: me_swapcache_clean; a dirty one stays, to kill who comes for
    // it, which is not modelled: it is ignored.
    private Errno FailSwapCache(Pfn pfn, TrapPoint at)
    {
        memory.Map[pfn].Flags |= PageFlags.HwPoison;
        memory.Swap.Uncache(pfn);
        return Tell(at, pfn, "clean swapcache page", "Recovered", Errno.None);
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

            mapper.Release(mm, mapping.Entry, batch.Gather, of: mapping.Vma.Flags);
            mapper.Set(mm, mapping.Slot, mapping.Va, left, at);
            batch.Gather.Touch(mapping.Va >> memory.Geometry.PageShift);
        }

        foreach ((Mm mm, MmuGather gather) in gathers.Values)
            memory.Coherence.Finish(mm, gather, at.Cpu, at.NowNs);
        if (left != 0)
            TellOwners();
    }

    // Who did it, or has touched it, is told at once; others if they want to be. Linux: kill_procs, task_early_kill,
    // v6.18.
    private void TellOwners()
    {
        foreach (RmapEntry mapping in entries)
        {
            bool isHis = current is not null && mapping.Mm == current.Mm;
            Lost?.Invoke(mapping.Mm, mapping.Va, isHis ? SignalCode.BusMceErrAr : SignalCode.BusMceErrAo, current);
        }
    }

    private Errno Tell(TrapPoint at, Pfn pfn, string what, string result, Errno error)
    {
        if (error == Errno.None)
            memory.Struck.Add(pfn.Value);
        log.Print(at.NowNs, $"Memory failure: 0x{pfn.Value:x}: recovery action for {what}: {result}");
        return error;
    }
}
