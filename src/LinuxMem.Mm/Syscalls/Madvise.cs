using LinuxMem.Abi;
using LinuxMem.Arch.Paging;
using LinuxMem.Mm.PageTables;
using LinuxMem.Mm.Tlb;
using LinuxMem.Mm.Vmas;

namespace LinuxMem.Mm.Syscalls;

/// <summary>madvise(addr, length, advice).</summary>
/// <remarks>
/// Linux: mm/madvise.c: do_madvise, madvise_walk_vmas, madvise_vma_behavior, v6.18. There is no reclaim: what only asks
/// for it (FREE, COLD, PAGEOUT) is checked and does nothing.
/// </remarks>
public sealed class Madvise
{
    private readonly KernelMemory memory;
    private readonly PagingGeometry geometry;
    private readonly PageMapper mapper;
    private readonly IMmObserver observer;

    /// <summary>Over one machine's memory.</summary>
    public Madvise(KernelMemory memory, PageMapper mapper, IMmObserver observer)
    {
        this.memory = memory;
        geometry = memory.Geometry;
        this.mapper = mapper;
        this.observer = observer;
    }

    /// <summary>
    /// Follows the advice for every mapped page of the range. EINVAL: bad arguments, or a mapping that the advice does
    /// not suit; ENOMEM: there are holes (the rest is done); EAGAIN: too many mappings.
    /// </summary>
    public SyscallResult Invoke(in SyscallContext call, ref WorkCost cost)
    {
        ulong start = call.Request.A0;
        ulong length = (call.Request.A1 + geometry.PageOffsetMask) & ~geometry.PageOffsetMask;
        var advice = (Advice)(int)(uint)call.Request.A2;
        bool silly = (start & geometry.PageOffsetMask) != 0 || (call.Request.A1 != 0 && length == 0)
            || start + length < start;
        if (!Enum.IsDefined(advice) || silly)
            return SyscallResult.Fail(Errno.EINVAL);
        Errno error = length == 0 ? Errno.None : Walk(call, start, start + length, advice, ref cost);
        return error == Errno.None ? default : SyscallResult.Fail(error);
    }

    private Errno Walk(in SyscallContext call, ulong start, ulong end, Advice advice, ref WorkCost cost)
    {
        Errno holes = Errno.None;
        while (start < end)
        {
            Vma? vma = call.Mm.Vmas.Tree.Find(start);
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
            Errno error = Visit(call, vma, start, upTo, advice, ref cost);
            if (error != Errno.None)
                return error;
            start = upTo;
        }

        return holes;
    }

    private Errno Visit(in SyscallContext call, Vma vma, ulong start, ulong end, Advice advice, ref WorkCost cost)
    {
        const VmFlags unreclaimable = VmFlags.Locked | VmFlags.PfnMap | VmFlags.HugeTlb;
        switch (advice)
        {
            case Advice.WillNeed:
                return Errno.None;
            case Advice.Cold or Advice.PageOut:
                return (vma.Flags & unreclaimable) != 0 ? Errno.EINVAL : Errno.None;
            case Advice.Free:
                return (vma.Flags & unreclaimable) != 0 || !vma.IsAnonymous ? Errno.EINVAL : Errno.None;
            case Advice.DontNeed:
                if ((vma.Flags & unreclaimable) != 0)
                    return Errno.EINVAL;
                Drop(call, vma, start, end, ref cost);
                return Errno.None;
            default:
                return NewFlags(call.Mm, vma, start, end, advice, ref cost);
        }
    }

    private void Drop(in SyscallContext call, Vma vma, ulong start, ulong end, ref WorkCost cost)
    {
        Mm mm = call.Mm;
        mm.UpdateHiwaterRss();
        MmuGather gather = memory.Coherence.Begin(mm);
        mapper.Zap(mm, start, end, gather, call.At, ref cost);
        cost.FixedNs += memory.Coherence.Finish(mm, gather, call.At.Cpu, call.At.NowNs);
        // Shared pages stay the object's, with what was stored to them.
        if ((vma.Flags & VmFlags.Shared) == 0)
            observer.Mapped(mm, start, end, vma.Mapping, false, vma.PageIndexOf(start));
    }

    private static Errno NewFlags(Mm mm, Vma vma, ulong start, ulong end, Advice advice, ref WorkCost cost)
    {
        const VmFlags order = VmFlags.RandRead | VmFlags.SeqRead;
        VmFlags flags = vma.Flags;
        bool special = (flags & VmFlags.Special) != 0;
        bool notPrivateAnonymous = !vma.IsAnonymous || (flags & VmFlags.Shared) != 0;
        bool suits = advice switch
        {
            Advice.DoFork => (flags & VmFlags.Io) == 0,
            Advice.DoDump => !special,
            Advice.WipeOnFork => !notPrivateAnonymous,
            _ => true,
        };
        if (!suits)
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
            _ => flags & ~VmFlags.WipeOnFork,
        };
        if (flags == vma.Flags)
            return Errno.None;
        cost.Vmas++;
        return mm.Vmas.ModifyFlags(vma, start, end, flags, out _) == Errno.None ? Errno.None : Errno.EAGAIN;
    }
}
