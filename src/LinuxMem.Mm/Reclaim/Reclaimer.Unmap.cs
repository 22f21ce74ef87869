using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.Lru;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.Rmap;
using LinuxMem.Mm.Stats;
using LinuxMem.Mm.Swap;
using LinuxMem.Mm.Tlb;
using LinuxMem.Mm.Vmas;
using LinuxMem.Simulation;
using LinuxMem.Simulation.Mutants;

namespace LinuxMem.Mm.Reclaim;

/// <content>Taking pages out of page tables.</content>
public sealed partial class Reclaimer
{
    // Takes a victim out of all page tables; true if it is on its way out.
    private bool Unmap(Pfn page, ScanControl? control, TrapPoint at)
    {
        ref PageFrame frame = ref memory.Map[page];
        if (frame.Place == FramePlace.Isolated)
            return true; // unmapped already, and free as soon as TLBs allow
        if ((frame.Flags & (PageFlags.Locked | PageFlags.Writeback)) != 0)
        {
            memory.Lru!.Return(page, KeepReason.Writeback);
            return false;
        }

        rmap.Find(page, entries);
        if (IsLocked())
        {
            memory.Lru!.Return(page, KeepReason.Locked);
            return false;
        }

        if (frame.Place == FramePlace.Anon && (frame.Flags & PageFlags.SwapBacked) == 0)
            return Discard(page, ref frame, control, at);
        foreach (RmapEntry mapping in entries)
            UnmapOne(mapping, page, ref frame, at);
        if (frame.Place == FramePlace.File && (frame.Flags & PageFlags.Dirty) != 0
            && mappingOf(frame.Owner) is { Host.IsOnDisk: true })
        {
            // Its file has to have it first, which is the flusher's business.
            wakeFlusher(at.NowNs);
            memory.Lru!.Return(page, KeepReason.Writeback);
            return false;
        }

        Leaves(page, control);
        if (frame.RefCount == KernelMemory.CacheReferences(frame))
            memory.Settled.Add(page);
        return true;
    }

    // A page of shared memory is asked to go only when nobody maps it any more; without a slot it stays in its cache.
    // Linux: mm/vmscan.c: shrink_folio_list; mm/shmem.c: shmem_writeout, v6.18.
    private void UnmapKept(Pfn page, TrapPoint at)
    {
        ref PageFrame frame = ref memory.Map[page];
        if ((frame.Flags & (PageFlags.Locked | PageFlags.Writeback)) != 0)
            return;
        rmap.Find(page, entries);
        if (IsLocked())
            return;
        foreach (RmapEntry mapping in entries)
            UnmapOne(mapping, page, ref frame, at);
    }

    // Somebody may have locked it since it was chosen. Linux: mm/rmap.c: try_to_unmap_one, v6.18.
    private bool IsLocked()
    {
        foreach (RmapEntry mapping in entries)
        {
            if ((mapping.Vma.Flags & VmFlags.Locked) != 0)
                return memory.Mutant != Mutant.M54;
        }

        return false;
    }

    private void Leaves(Pfn page, ScanControl? control)
    {
        memory.BeginReclaim(page);
        if (control is null)
            return;
        VmEvent what = control.IsKswapd ? VmEvent.PgStealKswapd : VmEvent.PgStealDirect;
        memory.Stat.Add(what, control.Group is null ? 1 : 0);
        memory.Groups?.Count(page, what);
        bool isAnon = (memory.Map[page].Flags & PageFlags.SwapBacked) != 0;
        memory.Stat.Add(isAnon ? VmEvent.PgStealAnon : VmEvent.PgStealFile);
    }

    // A page that its owner does not need any more goes as it is, but for one that was stored to since: that is kept
    // after all, in swap like others. Linux: mm/rmap.c: try_to_unmap_one, folio_test_swapbacked, v6.18.
    private bool Discard(Pfn page, ref PageFrame frame, ScanControl? control, TrapPoint at)
    {
        foreach (RmapEntry mapping in entries)
        {
            if ((mapping.Entry & format.Dirty) != 0)
                frame.Flags |= PageFlags.Dirty;
            if (MayBeStoredTo(mapping, at))
            {
                memory.Lru!.Return(page, KeepReason.Writeback);
                return false;
            }

            if ((frame.Flags & PageFlags.Dirty) != 0 && (mapping.Vma.Flags & VmFlags.Droppable) == 0)
            {
                frame.Flags |= PageFlags.SwapBacked;
                memory.Lru!.Return(page, KeepReason.Used);
                return false;
            }

            MmuGather gather = GatherOf(mapping.Mm);
            mapper.Release(mapping.Mm, mapping.Entry, gather, of: mapping.Vma.Flags);
            mapper.Set(mapping.Mm, mapping.Slot, mapping.Va, 0, at);
            gather.Touch(mapping.Va >> memory.Geometry.PageShift);
        }

        memory.Count(page, VmEvent.PgLazyFreed);
        Leaves(page, control);
        return true;
    }

    // A store by another CPU may have found the entry that a trap takes away: until an interrupt reaches that CPU, it
    // sees what was there. On Linux it would fault, and store to a fresh page; here it has gone into the old one, which
    // must stay for that. At a step of the kernel all CPUs have come as far. Linux keeps a page, too, that somebody
    // else refers to just then.
    private static bool MayBeStoredTo(in RmapEntry mapping, TrapPoint at) =>
        at.Cpu >= 0 && mapping.Mm.Context.Shared && (mapping.Vma.Flags & VmFlags.Droppable) == 0;

    private MmuGather GatherOf(Mm mm)
    {
        if (gathers.TryGetValue(mm.Id, out (Mm Mm, MmuGather Gather) batch))
            return batch.Gather;
        mm.UpdateHiwaterRss();
        MmuGather gather = memory.Coherence.Begin(mm);
        gathers.Add(mm.Id, (mm, gather));
        return gather;
    }

    private void UnmapOne(in RmapEntry mapping, Pfn page, ref PageFrame frame, TrapPoint at)
    {
        KernelBug.Assert((mapping.Vma.Flags & VmFlags.Locked) == 0,
            $"I28 violated: frame {page} is locked at 0x{mapping.Va:x} of mm {mapping.Mm.Id}, and leaves");
        Mm mm = mapping.Mm;
        MmuGather gather = GatherOf(mm);
        ulong left = 0;
        if (frame.Place == FramePlace.Anon)
        {
            SwapEntry entry = memory.Swap.EntryOf(page);
            memory.Swap.Duplicate(entry);
            mm.SwapEntries++;
            left = SwapPte.Make(format, entry, (frame.Flags & PageFlags.AnonExclusive) != 0);
            // From here on the entry says it: fork may share that while the page is in the swap cache.
            frame.Flags &= ~PageFlags.AnonExclusive;
        }

        mapper.Release(mm, mapping.Entry, gather, forSwap: true, mapping.Vma.Flags);
        mapper.Set(mm, mapping.Slot, mapping.Va, left, at);
        if (memory.Mutant != Mutant.M111)
            gather.Touch(mapping.Va >> memory.Geometry.PageShift);
    }
}
