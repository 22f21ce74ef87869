using LinuxMem.Arch.Addresses;
using LinuxMem.Arch.Paging;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.Stats;
using LinuxMem.Mm.Swap;
using LinuxMem.Mm.Tlb;
using LinuxMem.Mm.Vmas;
using LinuxMem.Simulation;
using LinuxMem.Simulation.Mutants;

namespace LinuxMem.Mm.PageTables;

/// <summary>
/// Sets, changes and clears leaf entries, and keeps mapcount, references, resident sets and gauges true to them.
/// </summary>
/// <remarks>
/// Every write of a leaf entry of the simulator passes here: the one place that knows what an entry means for its
/// frame.
/// </remarks>
public sealed class PageMapper
{
    private readonly KernelMemory memory;
    private readonly PteFormat format;
    private readonly int pageShift;
    private readonly long ipiNs;

    /// <summary>Mapping over one machine's memory.</summary>
    public PageMapper(KernelMemory memory)
    {
        this.memory = memory;
        format = memory.Geometry.Format;
        pageShift = memory.Geometry.PageShift;
        ipiNs = memory.Settings.KernelCosts.IpiNs;
    }

    /// <summary>Whether an entry names a frame, accessible or (PROT_NONE) not.</summary>
    public bool IsMapped(ulong entry) => (entry & (format.Present | format.ProtNone)) != 0;

    /// <summary>The entry of a guard page: accesses are faults (MADV_GUARD_INSTALL).</summary>
    public ulong GuardEntry => format.GuardEntry;

    /// <summary>The entry of a page whose frame had a memory error: accesses are SIGBUS.</summary>
    public ulong PoisonEntry => format.PoisonEntry;

    /// <summary>The frame that an entry names.</summary>
    public Pfn PfnOf(ulong entry) => new(format.PfnOf(entry));

    /// <summary>Whether stores through an entry are allowed.</summary>
    public bool IsWritable(ulong entry) => (entry & format.Write) != 0;

    /// <summary>
    /// The bits that a VMA's rights give an entry, the write bit left out (vm_get_page_prot for a private mapping).
    /// </summary>
    public ulong ReadOnlyBits(VmFlags flags)
    {
        if ((flags & (VmFlags.Read | VmFlags.Write | VmFlags.Exec)) == 0)
            return format.ProtNone | format.User;
        ulong bits = format.Present | format.User;
        return (flags & VmFlags.Exec) == 0 ? bits | format.NoExec : bits;
    }

    /// <summary>
    /// The bits that a fresh entry of a VMA gets: the write bit at once only where nobody needs to hear of the first
    /// store, that is for shared memory (files want to know, private pages are copied).
    /// </summary>
    public ulong FreshBits(Vma vma)
    {
        const VmFlags sharedWrite = VmFlags.Shared | VmFlags.Write;
        ulong bits = ReadOnlyBits(vma.Flags);
        return (vma.Flags & sharedWrite) == sharedWrite && vma.Mapping is { IsShmem: true }
            ? bits | format.Write : bits;
    }

    /// <summary>
    /// Writes an entry. Where tasks on other CPUs use the address space, they see the old one until an interrupt could
    /// have told them; or at once if the kernel acts by itself, when all of them have come exactly as far.
    /// </summary>
    public void Set(Mm mm, PteSlot slot, ulong va, ulong entry, TrapPoint at)
    {
        if (mm.Context.Shared && at.Cpu >= 0)
            mm.Context.History.Record(at.Cpu, at.NowNs + ipiNs, va >> pageShift, slot.Table.Value,
                memory.Tables.Read(slot));
        memory.Tables.Write(slot, entry);
    }

    /// <summary>
    /// Installs a frame in an empty slot and counts the mapping, which is part of one of these flags. The mapping's
    /// reference is the caller's to give.
    /// </summary>
    public void Map(Mm mm, PteSlot slot, ulong va, Pfn pfn, ulong bits, TrapPoint at, VmFlags of = VmFlags.None)
    {
        ref PageFrame frame = ref memory.Map[pfn];
        if ((frame.Flags & PageFlags.Reclaim) != 0)
            memory.KeepReclaimed(pfn);
        if (frame.MapCount++ == 0)
            CountFirst(frame.Place, 1);
        else
            memory.Sharing.Change(frame.Place, 1, memory.Io?.NowNs ?? 0);
        mm.AddRss(frame.Place, 1);
        memory.Trace?.TellRss(mm, frame.Place, memory.Geometry.PageShift);
        Set(mm, slot, va, format.Make(pfn.Value, bits), at);
        if ((of & VmFlags.Locked) != 0 && memory.Mutant != Mutant.M54)
            memory.Lru!.Lock(pfn);
    }

    /// <summary>Installs the zero page, which is not counted, in an empty slot.</summary>
    public void MapZeroPage(Mm mm, PteSlot slot, ulong va, ulong bits, TrapPoint at) =>
        Set(mm, slot, va, format.Make(memory.ZeroPage.Value, bits), at);

    /// <summary>
    /// Takes an entry's frame out of an address space: one mapping less. Its reference goes to the batch, since a TLB
    /// may still name the frame. The caller writes the slot.
    /// </summary>
    /// <param name="mm">The address space.</param>
    /// <param name="entry">The entry.</param>
    /// <param name="gather">Takes the reference.</param>
    /// <param name="forSwap">Whether an entry that names its place in swap follows; else a page that is also in swap is
    /// given up with its last mapping, unless others have it there.</param>
    /// <param name="of">Flags of the VMA that it was part of.</param>
    public void Release(Mm mm, ulong entry, MmuGather gather, bool forSwap = false, VmFlags of = VmFlags.None)
    {
        Pfn pfn = PfnOf(entry);
        if (pfn == memory.ZeroPage)
            return;
        ref PageFrame frame = ref memory.Map[pfn];
        KernelBug.Assert(frame.MapCount > 0, $"I11 violated: frame {pfn} is unmapped with mapcount {frame.MapCount}");
        mm.AddRss(memory.Mutant == Mutant.M53 ? FramePlace.Anon : frame.Place, -1);
        memory.Trace?.TellRss(mm, frame.Place, memory.Geometry.PageShift);
        if (memory.Mutant != Mutant.M56 || frame.MapCount > 1)
            gather.Frames.Add(pfn);
        if ((of & VmFlags.Locked) != 0)
            memory.Lru!.Unlock(pfn);
        bool isCached = (frame.Flags & PageFlags.SwapCached) != 0;
        if (isCached && (entry & format.Dirty) != 0 && memory.Mutant != Mutant.M71)
            frame.Flags |= PageFlags.Dirty;
        if (--frame.MapCount > 0)
        {
            memory.Sharing.Change(frame.Place, -1, memory.Io?.NowNs ?? 0);
            return;
        }

        CountFirst(frame.Place, -1);
        if (frame.Place != FramePlace.Anon)
            return;
        frame.Place = isCached ? FramePlace.SwapCache : FramePlace.Isolated;
        if (isCached && !forSwap)
            memory.Swap.TryFreeIdle(pfn);
    }

    /// <summary>Gives a page in swap up, and its entry.</summary>
    public void DropSwapped(Mm mm, PteSlot slot, ulong va, ulong entry, TrapPoint at)
    {
        ReleaseSwap(mm, entry);
        Set(mm, slot, va, 0, at);
    }

    // A page that is in swap is given up with its entry.
    private void ReleaseSwap(Mm mm, ulong entry)
    {
        if (memory.Mutant != Mutant.M43)
            memory.Swap.Put(SwapPte.EntryOf(format, entry));
        mm.SwapEntries--;
    }

    /// <summary>
    /// Unmaps every page of [start, end), a range of one VMA or several. Guards stay, unless the mapping goes and
    /// <paramref name="dropGuards"/> takes them along. <paramref name="of"/>: the flags of all these VMAs.
    /// </summary>
    /// <remarks>Linux: mm/memory.c: zap_pte_range, v6.18.</remarks>
    public void Zap(
        Mm mm, ulong start, ulong end, VmFlags of, MmuGather gather, TrapPoint at, ref WorkCost cost,
        bool dropGuards = false)
    {
        ulong page = 1UL << pageShift;
        ulong tableSpan = (ulong)memory.Tables.LeafEntries << pageShift;
        for (ulong va = start; va < end;)
        {
            ulong tableEnd = Math.Min(end, (va & ~(tableSpan - 1)) + tableSpan);
            PteSlot slot = memory.Tables.Find(mm, va);
            if (!slot.Exists)
            {
                va = memory.Tables.SkipMissing(mm, va, end);
                continue;
            }

            long lockedNs = memory.Locks.TakeTable(mm, slot.Table.Value, cost);
            for (; va < tableEnd; va += page, slot = slot with { Index = slot.Index + 1 })
            {
                ulong entry = memory.Tables.Read(slot);
                if (!IsMapped(entry))
                {
                    bool isSwap = format.IsSwap(entry);
                    if (isSwap && (memory.Mutant != Mutant.M46 || PfnOf(entry) != memory.ZeroPage))
                        ReleaseSwap(mm, entry);
                    if (isSwap || entry == PoisonEntry || (dropGuards && entry != 0))
                        Set(mm, slot, va, 0, at);
                    continue;
                }

                Release(mm, entry, gather, of: of);
                Set(mm, slot, va, 0, at);
                gather.Touch(va >> pageShift);
                cost.UnmappedPages++;
                memory.Locks.Unmapped(memory.Allocator.ZoneOf(PfnOf(entry)), cost);
            }

            memory.Locks.LetTableGo(slot.Table.Value, lockedNs, cost);
        }
    }

    private void CountFirst(FramePlace place, int change)
    {
        if (place == FramePlace.Anon)
            memory.Stat.Add(VmEvent.NrAnonPages, change);
        else if (change > 0 || memory.Mutant != Mutant.M114)
            memory.Stat.Add(VmEvent.NrMapped, change);
    }
}
