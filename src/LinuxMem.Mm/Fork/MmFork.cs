using LinuxMem.Abi;
using LinuxMem.Arch.Paging;
using LinuxMem.Mm.Accounting;
using LinuxMem.Mm.Hugetlb;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.PageTables;
using LinuxMem.Mm.Rmap;
using LinuxMem.Mm.Swap;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Tlb;
using LinuxMem.Mm.Userfault;
using LinuxMem.Mm.Vmas;
using LinuxMem.Simulation.Faults;
using LinuxMem.Simulation.Mutants;

namespace LinuxMem.Mm.Fork;

/// <summary>
/// Copies an address space for fork: VMAs by value, private pages by sharing them read-only until one side writes.
/// </summary>
/// <remarks>
/// Linux: kernel/fork.c: dup_mmap; mm/memory.c: copy_page_range, vma_needs_copy, v6.18. Page tables are copied only
/// where a VMA may hold anonymous pages; pages of files and shared memory fault in again. The parent's TLB entries are
/// flushed also when the copy fails, because its entries were write-protected by then.
/// </remarks>
public sealed class MmFork
{
    private const VmFlags CopiedAlways = VmFlags.PfnMap | VmFlags.MixedMap | VmFlags.MaybeGuard;
    private readonly KernelMemory memory;
    private readonly PageMapper mapper;
    private readonly AnonVmas anonVmas;
    private readonly PteFormat format;
    private readonly MmLifecycle lifecycle;
    private readonly SpaceLimits limits;

    /// <summary>Over one machine's memory.</summary>
    public MmFork(
        KernelMemory memory, PageMapper mapper, AnonVmas anonVmas, MmLifecycle lifecycle, SpaceLimits limits)
    {
        this.limits = limits;
        this.memory = memory;
        this.mapper = mapper;
        this.anonVmas = anonVmas;
        this.lifecycle = lifecycle;
        format = memory.Geometry.Format;
    }

    /// <summary>
    /// Makes the child's address space. <see cref="Errno.ENOMEM"/>, and nothing left over, if memory is out or may not
    /// be promised twice.
    /// </summary>
    public Errno Copy(TaskStruct task, RlimitTable rlimits, TrapPoint at, out Mm? child, ref WorkCost cost)
    {
        Mm parent = task.Mm;
        child = lifecycle.Create(rlimits, at.Cpu, ref cost);
        if (child is null)
            return Errno.ENOMEM;
        CopyPlaces(parent, child);
        MmuGather gather = memory.Coherence.Begin(parent);
        bool copied = CopyMappings(task, child, gather, at, ref cost);
        cost.Vmas += child.Vmas.Tree.Count;
        if (!copied && memory.Mutant == Mutant.M15)
            memory.Coherence.Recycle(gather);
        else
            cost.FixedNs += memory.Coherence.Finish(parent, gather, at.Cpu, at.NowNs, nests: false);
        if (copied)
            return Errno.None;
        lifecycle.Destroy(child, at, ref cost);
        child = null;
        return Errno.ENOMEM;
    }

    private static void CopyPlaces(Mm parent, Mm child)
    {
        child.StartBrk = parent.StartBrk;
        child.Brk = parent.Brk;
        child.StackTop = parent.StackTop;
        child.MmapBase = parent.MmapBase;
        child.Bounds = parent.Bounds;
        child.Vdso = parent.Vdso;
        child.ExeFile = parent.ExeFile;
        if (child.ExeFile is { } running)
            running.WriteCount--;
        child.AuxiliaryVector = parent.AuxiliaryVector;
        child.InferMappings = parent.InferMappings;
        child.HasSealed = parent.HasSealed;
        child.HasTriedPkey = parent.HasTriedPkey;
        child.ThpDisabled = parent.ThpDisabled;
        child.Dumpable = parent.Dumpable;
        child.Barriers = parent.Barriers;
        child.OffersPages = parent.OffersPages;
        child.MergesAll = parent.MergesAll;
        if (parent.MapsChangingFiles)
            child.NoteMapsChangingFiles();
        child.DeniesWriteExec = parent.DeniesWriteExec && !parent.DeniesWriteExecAlone;
    }

    // VMA by VMA: the promise, the VMA, its anon_vma, its pages. What was copied when one of them fails is torn down
    // with the child.
    private bool CopyMappings(TaskStruct task, Mm child, MmuGather gather, TrapPoint at, ref WorkCost cost)
    {
        FaultSwitch faults = memory.FaultSwitch;
        Mm parent = task.Mm;
        if (faults.Fails(FaultSite.DupMmap) || faults.Fails(FaultSite.VmaPrealloc))
            return false;
        for (Vma? vma = parent.Vmas.Tree.First; vma is not null; vma = vma.Next)
        {
            if ((vma.Flags & VmFlags.DontCopy) != 0)
                continue;
            bool isCharged = (vma.Flags & VmFlags.Account) != 0;
            if ((isCharged && !limits.MayCommit(parent, task, vma.SpanPages)) || faults.Fails(FaultSite.VmAreaDup))
                return false;
            bool wiped = (vma.Flags & VmFlags.WipeOnFork) != 0 && memory.Mutant != Mutant.M104;
            AnonVma? anonVma = wiped ? null : vma.AnonVma;
            if (anonVma is not null && (faults.Fails(FaultSite.AnonVmaFork) || faults.Fails(FaultSite.AnonVmaClone)))
                return false;
            Vma copy = child.Vmas.AddCopy(vma, anonVma is null ? null : anonVmas.Fork(anonVma));
            if (copy.AnonVma is { } family)
                memory.Locks.LinksAnonVma(family, cost);
            if (copy.Mapping is { } mapping)
                memory.Locks.WalksRmap(mapping);
            if ((copy.Flags & VmFlags.HugeTlb) != 0)
                HugeMemory.Share(parent, child, copy);
            bool copies = !wiped && (anonVma is not null || (vma.Flags & CopiedAlways) != 0);
            if (!wiped && faults.Fails(FaultSite.CopyPageRange))
                return false;
            if (copies && !CopyRange(parent, child, copy, gather, at, ref cost))
                return false;
        }

        UserfaultRanges.Fork(parent, child);
        return true;
    }

    private bool CopyRange(Mm parent, Mm child, Vma vma, MmuGather gather, TrapPoint at, ref WorkCost cost)
    {
        ulong page = memory.Geometry.PageBytes;
        ulong tableSpan = (ulong)memory.Tables.LeafEntries << memory.Geometry.PageShift;
        bool isPrivate = (vma.Flags & VmFlags.Shared) == 0;
        for (ulong va = vma.Start; va < vma.End;)
        {
            PteSlot source = memory.Tables.Find(parent, va);
            if (!source.Exists)
            {
                va = memory.Tables.SkipMissing(parent, va, vma.End);
                continue;
            }

            ulong tableEnd = Math.Min(vma.End, (va & ~(tableSpan - 1)) + tableSpan);
            PteSlot to = memory.Tables.FindOrAlloc(child, va, at.Cpu, ref cost);
            if (!to.Exists)
                return false;
            for (; va < tableEnd; va += page, source = source with { Index = source.Index + 1 },
                to = to with { Index = to.Index + 1 })
            {
                ulong entry = memory.Tables.Read(source);
                if (entry != 0)
                    CopyEntry(parent, child, va, source, to, entry, isPrivate, gather, at, ref cost);
            }
        }

        return true;
    }

    private void CopyEntry(
        Mm parent, Mm child, ulong va, PteSlot source, PteSlot to, ulong entry, bool ofPrivateVma, MmuGather gather,
            TrapPoint at, ref WorkCost cost)
    {
        cost.ForkedPages++;
        if (format.IsMarker(entry))
        {
            mapper.Set(child, to, va, entry, at);
            return;
        }

        if (format.IsSwap(entry))
        {
            CopySwap(parent, child, va, source, to, entry, at);
            return;
        }

        if (ofPrivateVma && mapper.IsWritable(entry) && memory.Mutant != Mutant.M20)
        {
            entry &= ~format.Write;
            mapper.Set(parent, source, va, entry, at);
            gather.Touch(va >> memory.Geometry.PageShift);
        }

        var pfn = mapper.PfnOf(entry);
        ulong bits = entry & ~format.PfnMask & ~format.Accessed;
        if (pfn == memory.ZeroPage)
        {
            mapper.MapZeroPage(child, to, va, bits, at);
            return;
        }

        ref PageFrame frame = ref memory.Map[pfn];
        if (frame.Place == FramePlace.Anon)
            memory.Sharing.ForkedPages++;
        frame.RefCount++;
        frame.Flags &= ~PageFlags.AnonExclusive;
        mapper.Map(child, to, va, pfn, bits, at);
    }

    // Linux: mm/memory.c: copy_nonpresent_pte, v6.18: the page is nobody's alone any more.
    private void CopySwap(Mm parent, Mm child, ulong va, PteSlot source, PteSlot to, ulong entry, TrapPoint at)
    {
        if (memory.Mutant != Mutant.M42)
            memory.Swap.Duplicate(SwapPte.EntryOf(format, entry));
        memory.Sharing.ForkedPages++;
        ulong shared = SwapPte.Share(format, entry);
        if (shared != entry)
            mapper.Set(parent, source, va, shared, at);
        mapper.Set(child, to, va, shared, at);
        child.SwapEntries += memory.Mutant == Mutant.M112 ? 0 : 1;
    }
}
