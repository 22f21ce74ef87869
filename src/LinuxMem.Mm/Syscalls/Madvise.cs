using LinuxMem.Abi;
using LinuxMem.Arch.Paging;
using LinuxMem.Mm.Hugetlb;
using LinuxMem.Mm.PageTables;
using LinuxMem.Mm.Tlb;
using LinuxMem.Mm.Userfault;
using LinuxMem.Mm.Vmas;
using LinuxMem.Simulation.Faults;
using LinuxMem.Simulation.Mutants;

namespace LinuxMem.Mm.Syscalls;

/// <summary>madvise(addr, length, advice), but for advice that somebody must be asked for: files, or swap.</summary>
/// <remarks>
/// Linux: mm/madvise.c: do_madvise, madvise_walk_vmas, madvise_vma_behavior, v6.18, on a kernel with THP and KSM,
/// without MEMORY_FAILURE.
/// </remarks>
public sealed class Madvise
{
    private const VmFlags Unreclaimable = VmFlags.Locked | VmFlags.PfnMap | VmFlags.HugeTlb;
    private readonly KernelMemory memory;
    private readonly PagingGeometry geometry;
    private readonly PageMapper mapper;
    private readonly GuardPages guards;
    private readonly ColdPages cold;
    private readonly IMmObserver observer;

    /// <summary>Over one machine's memory.</summary>
    public Madvise(KernelMemory memory, PageMapper mapper, GuardPages guards, IMmObserver observer)
    {
        this.memory = memory;
        geometry = memory.Geometry;
        this.mapper = mapper;
        this.guards = guards;
        cold = new ColdPages(memory, mapper);
        this.observer = observer;
    }

    /// <summary>
    /// Follows the advice for every mapped page of the range. EINVAL: bad arguments, or a mapping that the advice does
    /// not suit; ENOMEM: there are holes (the rest is done), or no memory; EAGAIN: too many mappings; EPERM: it is
    /// sealed. <paramref name="populate"/> is what is to be faulted in.
    /// </summary>
    public SyscallResult Invoke(in SyscallContext call, out PopulateRange populate, ref WorkCost cost)
    {
        populate = default;
        if (!TryRange(call, out ulong start, out ulong end, out Advice advice))
            return SyscallResult.Fail(Errno.EINVAL);
        if (start == end)
            return default;
        if (advice is Advice.PopulateRead or Advice.PopulateWrite)
        {
            PopulateKind kind = advice == Advice.PopulateRead ? PopulateKind.AdviseRead : PopulateKind.AdviseWrite;
            populate = new PopulateRange(start, end, kind);
            return default;
        }

        Errno error = Walk(call.Mm, start, end, advice, call.At, ref cost);
        return error == Errno.None ? default : SyscallResult.Fail(error);
    }

    /// <summary>The range and the advice of a call; false if they are EINVAL.</summary>
    public bool TryRange(in SyscallContext call, out ulong start, out ulong end, out Advice advice)
    {
        ulong asked = call.Request.A1;
        ulong length = unchecked(asked + geometry.PageOffsetMask) & ~geometry.PageOffsetMask;
        start = call.Request.A0;
        end = unchecked(start + length);
        advice = (Advice)(int)(uint)call.Request.A2;
        return Enum.IsDefined(advice) && advice is not (Advice.HwPoison or Advice.SoftOffline)
            && (start & geometry.PageOffsetMask) == 0 && (asked == 0 || length != 0)
            && end >= start;
    }

    /// <summary>Follows advice for [start, end) of any address space.</summary>
    public Errno Walk(Mm mm, ulong start, ulong end, Advice advice, TrapPoint at, ref WorkCost cost)
    {
        Errno holes = Errno.None;
        while (start < end)
        {
            Vma? vma = mm.Vmas.Tree.Find(start);
            if (vma is null)
                return Errno.ENOMEM;
            if (vma.Start > start)
            {
                holes = Errno.ENOMEM;
                start = vma.Start;
                if (start >= end)
                    break;
            }

            ulong upTo = Math.Min(vma.End, end);
            Errno error = Visit(mm, vma, start, upTo, advice, at, ref cost);
            if (error != Errno.None)
                return error;
            start = upTo;
        }

        return holes;
    }

    /// <summary>Whether a sealed mapping allows the advice: what would discard contents it does not.</summary>
    /// <remarks>Linux: mm/madvise.c: can_madvise_modify, v6.18: of memory that may be written it does.</remarks>
    public static bool SealAllows(Vma vma, Advice advice)
    {
        if ((vma.Flags & VmFlags.Sealed) == 0 || !vma.IsAnonymous || (vma.Flags & VmFlags.Write) != 0)
            return true;
        return advice is not (Advice.Free or Advice.DontNeed or Advice.DontNeedLocked or Advice.Remove
            or Advice.DontFork or Advice.WipeOnFork or Advice.GuardInstall);
    }

    /// <summary>What MADV_PAGEOUT and MADV_FREE answer to a mapping before they look at its pages.</summary>
    public static Errno CheckReclaim(Vma vma, Advice advice)
    {
        if (!SealAllows(vma, advice))
            return Errno.EPERM;
        return (vma.Flags & Unreclaimable) != 0 || (advice == Advice.Free && !vma.IsAnonymous)
            ? Errno.EINVAL : Errno.None;
    }

    private Errno Visit(Mm mm, Vma vma, ulong start, ulong end, Advice advice, TrapPoint at, ref WorkCost cost)
    {
        if (!SealAllows(vma, advice))
            return Errno.EPERM;
        VmFlags flags = vma.Flags;
        switch (advice)
        {
            case Advice.WillNeed:
                return Errno.None;
            case Advice.Cold:
                if ((flags & Unreclaimable) != 0)
                    return Errno.EINVAL;
                cold.Cool(mm, start, end, at, ref cost);
                return Errno.None;
            case Advice.DontNeed or Advice.DontNeedLocked:
                if ((flags & VmFlags.HugeTlb) != 0)
                    return DropHuge(mm, vma, start, end, at, ref cost);
                VmFlags unfit = advice == Advice.DontNeed ? Unreclaimable : Unreclaimable & ~VmFlags.Locked;
                if ((flags & unfit) != 0)
                    return Errno.EINVAL;
                Drop(mm, vma, start, end, at, ref cost);
                return Errno.None;
            case Advice.GuardInstall:
                return guards.Install(mm, vma, start, end, at, ref cost);
            case Advice.GuardRemove:
                return guards.Remove(mm, vma, start, end, at);
            default:
                return NewFlags(mm, vma, start, end, advice, at, ref cost);
        }
    }

    // Whole huge pages only; less than one at the end is left. Linux: mm/madvise.c: madvise_dontneed_free_valid_vma.
    private Errno DropHuge(Mm mm, Vma vma, ulong start, ulong end, TrapPoint at, ref WorkCost cost)
    {
        ulong mask = HugeMemory.BytesOf(vma) - 1;
        if ((start & mask) != 0)
            return Errno.EINVAL;
        end &= ~mask;
        if (start == end)
            return Errno.None;
        Drop(mm, vma, start, end, at, ref cost);
        memory.Huge.Discard(mm, vma, start, end);
        return Errno.None;
    }

    private void Drop(Mm mm, Vma vma, ulong start, ulong end, TrapPoint at, ref WorkCost cost)
    {
        mm.UpdateHiwaterRss();
        MmuGather gather = memory.Coherence.Begin(mm);
        bool misses = memory.Mutant == Mutant.M93 && end - start > memory.Geometry.PageBytes;
        mapper.Zap(mm, start, misses ? end - memory.Geometry.PageBytes : end,
            vma.Flags, gather, at, ref cost);
        cost.FixedNs += memory.Coherence.Finish(mm, gather, at.Cpu, at.NowNs);
        if (mm.Userfaults is not null)
            UserfaultRanges.Dropped(mm, vma, start, end, memory.Tables, memory.Geometry.PageBytes);
        // Shared pages stay the object's, with what was stored to them.
        if ((vma.Flags & VmFlags.Shared) == 0)
            observer.Mapped(mm, start, end, vma.Mapping, false, vma.PageIndexOf(start));
        observer.MappedDroppable(mm, vma, start, end);
    }

    // Every program gets back what was merged. Linux: mm/ksm.c: unmerge_ksm_pages, v6.18.
    private bool Unmerge(Mm mm, ulong start, ulong end, TrapPoint at, ref WorkCost cost)
    {
        for (ulong va = start; va < end; va += geometry.PageBytes)
        {
            PteSlot slot = memory.Tables.Find(mm, va);
            ulong entry = slot.Exists ? memory.Tables.Read(slot) : 0;
            if (mapper.IsMapped(entry) && memory.Map[mapper.PfnOf(entry)].IsKsm
                && memory.Ksm.Break!(mm, va, at, ref cost).Kind == Fault.FaultKind.OutOfMemory)
                return false;
        }

        return true;
    }

    private Errno NewFlags(Mm mm, Vma vma, ulong start, ulong end, Advice advice, TrapPoint at, ref WorkCost cost)
    {
        const VmFlags order = VmFlags.RandRead | VmFlags.SeqRead;
        VmFlags flags = vma.Flags;
        if (!Suits(vma, advice))
            return Errno.EINVAL;
        flags = advice switch
        {
            Advice.Normal => flags & ~order,
            Advice.Random => (flags & ~order) | VmFlags.RandRead,
            Advice.Sequential => (flags & ~order) | VmFlags.SeqRead,
            Advice.DontFork => flags | VmFlags.DontCopy,
            Advice.DoFork => flags & ~VmFlags.DontCopy,
            Advice.DontDump => flags | VmFlags.DontDump,
            Advice.DoDump => flags & ~VmFlags.DontDump,
            Advice.WipeOnFork => flags | VmFlags.WipeOnFork,
            Advice.HugePage => (flags & ~VmFlags.NoHugePage) | VmFlags.HugePage,
            Advice.NoHugePage => (flags & ~VmFlags.HugePage) | VmFlags.NoHugePage,
            Advice.Mergeable => MergesEqualPages(flags) ? flags | VmFlags.Mergeable : flags,
            Advice.Unmergeable => flags & ~VmFlags.Mergeable,
            _ => flags & ~VmFlags.WipeOnFork,
        };
        if (advice == Advice.Mergeable && (flags & VmFlags.Mergeable) != 0)
        {
            if (!mm.OffersPages && memory.FaultSwitch.Fails(FaultSite.KsmEnter))
                return Errno.EAGAIN;
            memory.OfferPages?.Invoke(mm, at.NowNs);
        }

        if (flags == vma.Flags)
            return Errno.None;
        if (advice == Advice.Unmergeable && !Unmerge(mm, start, end, at, ref cost))
            return Errno.ENOMEM;
        cost.Vmas++;
        Errno error = mm.Vmas.ModifyFlags(vma, start, end, flags, out _);
        return error == Errno.ENOMEM ? Errno.EAGAIN : error;
    }

    private static bool Suits(Vma vma, Advice advice) => advice switch
    {
        Advice.DoFork => (vma.Flags & VmFlags.Io) == 0,
        Advice.DoDump => (vma.Flags & VmFlags.Droppable) == 0
            && ((vma.Flags & VmFlags.HugeTlb) != 0 || (vma.Flags & VmFlags.Special) == 0),
        Advice.WipeOnFork => vma.IsAnonymous && (vma.Flags & VmFlags.Shared) == 0,
        Advice.KeepOnFork => (vma.Flags & VmFlags.Droppable) == 0,
        _ => true,
    };

    // Linux: mm/ksm.c: vma_ksm_compatible, v6.18: what cannot be merged ignores the advice.
    internal static bool MergesEqualPages(VmFlags flags)
    {
        const VmFlags never = VmFlags.Shared | VmFlags.MayShare | VmFlags.Special | VmFlags.HugeTlb
            | VmFlags.Droppable;
        return (flags & never) == 0;
    }
}
