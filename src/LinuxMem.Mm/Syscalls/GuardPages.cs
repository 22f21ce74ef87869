using LinuxMem.Abi;
using LinuxMem.Mm.PageTables;
using LinuxMem.Mm.Rmap;
using LinuxMem.Mm.Tlb;
using LinuxMem.Mm.Vmas;

namespace LinuxMem.Mm.Syscalls;

/// <summary>Puts guards in the page tables and takes them out: MADV_GUARD_INSTALL and MADV_GUARD_REMOVE.</summary>
/// <remarks>
/// Linux: mm/madvise.c: madvise_guard_install, madvise_guard_remove, is_valid_guard_vma, v6.18. A guard is an entry of
/// its own: the mapping is not split.
/// </remarks>
public sealed class GuardPages
{
    private readonly KernelMemory memory;
    private readonly PageMapper mapper;
    private readonly AnonVmas anonVmas;
    private readonly IMmObserver observer;

    /// <summary>Over one machine's memory.</summary>
    public GuardPages(KernelMemory memory, PageMapper mapper, AnonVmas anonVmas, IMmObserver observer)
    {
        this.memory = memory;
        this.mapper = mapper;
        this.anonVmas = anonVmas;
        this.observer = observer;
    }

    /// <summary>
    /// Drops the pages of [start, end), a part of one mapping, and puts guards in their place. EINVAL: the mapping is
    /// locked or special; ENOMEM: no memory for tables.
    /// </summary>
    public Errno Install(Mm mm, Vma vma, ulong start, ulong end, TrapPoint at, ref WorkCost cost)
    {
        if ((vma.Flags & (VmFlags.Special | VmFlags.HugeTlb | VmFlags.Locked)) != 0)
            return Errno.EINVAL;
        // With an anon_vma, so that fork copies the tables.
        if (anonVmas.Prepare(vma) is null)
            return Errno.ENOMEM;
        vma.Flags |= VmFlags.MaybeGuard;
        mm.UpdateHiwaterRss();
        MmuGather gather = memory.Coherence.Begin(mm);
        mapper.Zap(mm, start, end, vma.Flags, gather, at, ref cost);
        cost.FixedNs += memory.Coherence.Finish(mm, gather, at.Cpu, at.NowNs);
        if ((vma.Flags & VmFlags.Shared) == 0)
            observer.Mapped(mm, start, end, vma.Mapping, false, vma.PageIndexOf(start));
        observer.MappedDroppable(mm, vma, start, end);
        for (ulong va = start; va < end; va += memory.Geometry.PageBytes)
        {
            PteSlot slot = memory.Tables.FindOrAlloc(mm, va, at.Cpu, ref cost);
            if (!slot.Exists)
                return Errno.ENOMEM;
            mapper.Set(mm, slot, va, mapper.GuardEntry, at);
        }

        return Errno.None;
    }

    /// <summary>
    /// Takes the guards out of [start, end), a part of one mapping. EINVAL: the mapping is special.
    /// </summary>
    public Errno Remove(Mm mm, Vma vma, ulong start, ulong end, TrapPoint at)
    {
        if ((vma.Flags & (VmFlags.Special | VmFlags.HugeTlb)) != 0)
            return Errno.EINVAL;
        for (ulong va = start; va < end; va += memory.Geometry.PageBytes)
        {
            PteSlot slot = memory.Tables.Find(mm, va);
            if (!slot.Exists)
                va = memory.Tables.SkipMissing(mm, va, end) - memory.Geometry.PageBytes;
            else if (memory.Tables.Read(slot) == mapper.GuardEntry)
                mapper.Set(mm, slot, va, 0, at);
        }

        return Errno.None;
    }
}
