using LinuxMem.Arch.Addresses;
using LinuxMem.Arch.Paging;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.PageTables;
using LinuxMem.Mm.Rmap;
using LinuxMem.Mm.Stats;
using LinuxMem.Mm.Tlb;
using LinuxMem.Mm.Vfs;
using LinuxMem.Mm.Vmas;
using LinuxMem.Simulation.Faults;
using LinuxMem.Simulation.Mutants;

namespace LinuxMem.Mm.Fault;

/// <summary>
/// Serves a store to a page that is mapped without the right to write: copy-on-write, or a right that was only
/// withheld.
/// </summary>
/// <remarks>
/// Linux: mm/memory.c: do_wp_page, wp_can_reuse_anon_folio, wp_page_copy, v6.18. Nobody gets at a copy before the last
/// TLB has forgotten the original (ptep_clear_flush under the lock of the table).
/// </remarks>
public sealed class WriteProtectFault
{
    private readonly KernelMemory memory;
    private readonly PageMapper mapper;
    private readonly AnonVmas anonVmas;
    private readonly FilePages files;
    private readonly FolioFault folios;
    private readonly PteFormat format;

    /// <summary>Over one machine's memory.</summary>
    public WriteProtectFault(KernelMemory memory, PageMapper mapper, AnonVmas anonVmas, FilePages files)
    {
        this.memory = memory;
        this.mapper = mapper;
        this.anonVmas = anonVmas;
        this.files = files;
        folios = new FolioFault(memory, mapper, files);
        format = memory.Geometry.Format;
    }

    /// <summary>
    /// Makes the page writable, in place or as a copy. Precondition: the entry is present and not writable, the VMA is
    /// writable.
    /// </summary>
    public FaultOutcome Handle(in VmFault fault, ref WorkCost cost)
    {
        Pfn old = mapper.PfnOf(fault.Entry);
        if ((fault.Vma.Flags & VmFlags.Shared) != 0)
        {
            bool hasBlocks = fault.Vma.Mapping is { Host.Kind: InodeKind.Regular };
            if (hasBlocks && memory.FaultSwitch.Fails(FaultSite.PageMkwrite))
                return FaultOutcome.BusAdrErr;
            if (memory.Mutant != Mutant.M123)
                files.MarkDirty(fault.Vma.Mapping!, old);
            folios.MarkMappedDirty(fault);
            if (fault.Vma.Mapping is { Host.IsOnDisk: true })
                fault.Mm.NoteStoresToFiles();
            return MakeWritable(fault, FaultKind.SharedWriteNotify);
        }

        if (old == memory.ZeroPage && memory.Mutant == Mutant.M02)
            return MakeWritable(fault, FaultKind.CowReuse);
        ref PageFrame frame = ref memory.Map[old];
        if (frame.Place == FramePlace.Anon
            && ((frame.Flags & PageFlags.AnonExclusive) != 0 || IsAlone(frame, old, fault.At)))
        {
            frame.Flags |= PageFlags.AnonExclusive;
            memory.Stat.Add(VmEvent.PgReuse);
            return MakeWritable(fault, FaultKind.CowReuse);
        }

        return Copy(fault, old, ref cost);
    }

    /// <summary>
    /// Makes an anonymous page this address space's own, though not writable: who pins a page to read it must go on
    /// seeing what is stored to it. Spurious if nothing was to be done. Precondition: the entry is present.
    /// </summary>
    /// <remarks>Linux: mm/gup.c: gup_must_unshare; do_wp_page with FAULT_FLAG_UNSHARE, v6.18.</remarks>
    public FaultOutcome Unshare(in VmFault fault, ref WorkCost cost)
    {
        Pfn old = mapper.PfnOf(fault.Entry);
        ref PageFrame frame = ref memory.Map[old];
        if (frame.Place != FramePlace.Anon || (frame.Flags & PageFlags.AnonExclusive) != 0
            || mapper.IsWritable(fault.Entry))
            return new FaultOutcome(FaultKind.Spurious);
        if (!IsAlone(frame, old, fault.At))
            return Copy(fault, old, ref cost, writable: false);
        frame.Flags |= PageFlags.AnonExclusive;
        return new FaultOutcome(FaultKind.CowReuse);
    }

    // Batches of unmapped frames hold references of mappings that are gone, in Linux, too: those count as long as a
    // CPU may read the frame by them, but not those of address spaces that nobody runs in. A page that swap knows may
    // be somebody else's too, by an entry that names its slot; one that a pipe refers to stays as it is for its reader.
    private bool IsAlone(in PageFrame frame, Pfn pfn, TrapPoint at) => !frame.IsKsm
        && ((frame.Flags & PageFlags.SwapCached) == 0 || memory.Mutant == Mutant.M08)
        && (frame.MapCount == 1 || (frame.MapCount == 2 && memory.Mutant == Mutant.M129))
        && !memory.Lent.Has(pfn)
        && (frame.RefCount == 1 || !memory.Coherence.IsInUse(pfn, at.NowNs));

    private FaultOutcome MakeWritable(in VmFault fault, FaultKind kind)
    {
        mapper.Set(fault.Mm, fault.Slot, fault.Va, fault.Entry | format.Write | format.Dirty | format.Accessed,
            fault.At);
        return new FaultOutcome(kind);
    }

    private FaultOutcome Copy(in VmFault fault, Pfn old, ref WorkCost cost, bool writable = true)
    {
        bool ofZeroPage = old == memory.ZeroPage;
        if (anonVmas.Prepare(fault.Vma) is not { } owner)
            return FaultOutcome.OutOfMemory;
        Pfn copy = memory.AllocData(fault.At.Cpu, FramePlace.Anon, zeroed: ofZeroPage, ref cost);
        if (copy.IsNone)
            return ofZeroPage ? FaultOutcome.OutOfMemory : FaultOutcome.NoMemoryFor(old);
        if (!ofZeroPage)
        {
            memory.Ram.CopyData(old, copy);
            memory.Locks.Moves(2, cost);
            cost.CopiedPages++;
        }

        if (memory.Map[old].IsKsm)
            memory.Ksm.Copies++;
        memory.InitAnon(copy, owner, fault.Vma.PageIndexOf(fault.Va), fault.Vma);
        MmuGather gather = memory.Coherence.Begin(fault.Mm);
        mapper.Release(fault.Mm, fault.Entry, gather, of: fault.Vma.Flags);
        if (memory.Mutant != Mutant.M125)
            gather.Touch(fault.Va >> memory.Geometry.PageShift);
        ulong bits = mapper.ReadOnlyBits(fault.Vma.Flags) | format.Accessed
            | (writable ? format.Write | format.Dirty : 0);
        mapper.Map(fault.Mm, fault.Slot, fault.Va, copy, bits, fault.At, fault.Vma.Flags);
        long waitNs = memory.Coherence.Finish(fault.Mm, gather, fault.At.Cpu, fault.At.NowNs, nests: false);
        cost.FixedNs += waitNs;
        if (waitNs > 0)
            fault.Mm.Context.History.Hold(fault.Va >> memory.Geometry.PageShift, fault.At.NowNs + waitNs);
        return new FaultOutcome(ofZeroPage ? FaultKind.ZeroPageCow : FaultKind.CowCopy);
    }
}
