using LinuxMem.Abi;
using LinuxMem.Arch.Paging;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.PageTables;
using LinuxMem.Mm.Tlb;
using LinuxMem.Mm.Vmas;

namespace LinuxMem.Mm.Syscalls;

/// <summary>mprotect(addr, length, prot).</summary>
/// <remarks>Linux: mm/mprotect.c: do_mprotect_pkey, mprotect_fixup, change_pte_range, v6.18.</remarks>
public sealed class Mprotect
{
    private const ProtFlags Known = ProtFlags.Read | ProtFlags.Write | ProtFlags.Exec | ProtFlags.Sem;
    private readonly KernelMemory memory;
    private readonly PageMapper mapper;
    private readonly PteFormat format;

    /// <summary>Over one machine's memory.</summary>
    public Mprotect(KernelMemory memory, PageMapper mapper)
    {
        this.memory = memory;
        this.mapper = mapper;
        format = memory.Geometry.Format;
    }

    /// <summary>
    /// Changes the rights of every page in the range. EINVAL: bad arguments; ENOMEM: a hole (what lies before it is
    /// changed) or too many mappings; EACCES: a right that the mapping can never have.
    /// </summary>
    public SyscallResult Invoke(in SyscallContext call, ref WorkCost cost)
    {
        ulong mask = memory.Geometry.PageOffsetMask;
        ulong start = call.Request.A0;
        var prot = (ProtFlags)(uint)call.Request.A2;
        ProtFlags grows = prot & (ProtFlags.GrowsDown | ProtFlags.GrowsUp);
        prot &= ~grows;
        if (grows == (ProtFlags.GrowsDown | ProtFlags.GrowsUp) || (start & mask) != 0)
            return SyscallResult.Fail(Errno.EINVAL);
        if (call.Request.A1 == 0)
            return default;
        ulong length = (call.Request.A1 + mask) & ~mask;
        ulong end = start + length;
        if (end <= start)
            return SyscallResult.Fail(Errno.ENOMEM);
        if ((prot & ~Known) != 0)
            return SyscallResult.Fail(Errno.EINVAL);
        Vma? vma = call.Mm.Vmas.Tree.Find(start);
        if (vma is null)
            return SyscallResult.Fail(Errno.ENOMEM);
        Errno error = Extend(grows, vma, ref start, ref end);
        if (error == Errno.None)
            error = Change(call, start, end, prot, ref cost);
        return error == Errno.None ? default : SyscallResult.Fail(error);
    }

    private static Errno Extend(ProtFlags grows, Vma vma, ref ulong start, ref ulong end)
    {
        if (grows == ProtFlags.GrowsDown)
        {
            if (vma.Start >= end)
                return Errno.ENOMEM;
            start = vma.Start;
            return (vma.Flags & VmFlags.GrowsDown) == 0 ? Errno.EINVAL : Errno.None;
        }

        if (vma.Start > start)
            return Errno.ENOMEM;
        if (grows != ProtFlags.GrowsUp)
            return Errno.None;
        end = vma.End;
        return Errno.EINVAL; // x86 and Alpha have no VMA that grows up.
    }

    private Errno Change(in SyscallContext call, ulong start, ulong end, ProtFlags prot, ref WorkCost cost)
    {
        Mm mm = call.Mm;
        MmuGather gather = memory.Coherence.Begin(mm);
        Errno error = Errno.None;
        ulong at = start;
        while (at < end)
        {
            Vma? vma = mm.Vmas.Tree.Find(at);
            if (vma is null || vma.Start > at)
            {
                error = Errno.ENOMEM;
                break;
            }

            VmFlags wanted = (vma.Flags & ~(VmFlags.Read | VmFlags.Write | VmFlags.Exec)) | VmFlagsOf.Protection(prot);
            if ((wanted & ~(VmFlags)((ulong)vma.Flags >> 4) & (VmFlags.Read | VmFlags.Write | VmFlags.Exec)) != 0)
            {
                error = Errno.EACCES;
                break;
            }

            ulong upTo = Math.Min(vma.End, end);
            error = ChangeVma(mm, vma, at, upTo, wanted, gather, call.At, ref cost);
            if (error != Errno.None)
                break;
            at = upTo;
        }

        cost.FixedNs += memory.Coherence.Finish(mm, gather, call.At.Cpu, call.At.NowNs);
        return error;
    }

    private Errno ChangeVma(
        Mm mm, Vma vma, ulong start, ulong end, VmFlags wanted, MmuGather gather, TrapPoint at, ref WorkCost cost)
    {
        if (vma.Flags == wanted)
            return Errno.None;
        if (!DataFits(mm, vma.Flags, wanted, end - start))
            return Errno.ENOMEM;
        Errno error = mm.Vmas.ModifyFlags(vma, start, end, Charged(vma, wanted), out Vma changedVma);
        if (error != Errno.None)
            return error;
        cost.Vmas++;
        ChangeEntries(mm, changedVma, gather, at, start, end, ref cost);
        return Errno.None;
    }

    // Private memory that becomes writable counts as data.
    private bool DataFits(Mm mm, VmFlags old, VmFlags wanted, ulong bytes)
    {
        const VmFlags kind = VmFlags.Write | VmFlags.Shared | VmFlags.GrowsDown;
        if ((wanted & kind) != VmFlags.Write || (old & kind) == VmFlags.Write)
            return true;
        ulong pages = bytes >> memory.Geometry.PageShift;
        return mm.Vmas.DataVmPages + pages <= mm.Limits.DataBytes >> memory.Geometry.PageShift;
    }

    // Private memory is charged against the commit limit once it may be written, and no more when it was never touched.
    private static VmFlags Charged(Vma vma, VmFlags wanted)
    {
        const VmFlags exempt = VmFlags.Account | VmFlags.Write | VmFlags.HugeTlb | VmFlags.Shared | VmFlags.NoReserve;
        if ((wanted & VmFlags.Write) != 0)
            return (vma.Flags & exempt) == 0 ? wanted | VmFlags.Account : wanted;
        return vma.IsAnonymous && vma.AnonVma is null ? wanted & ~VmFlags.Account : wanted;
    }

    private void ChangeEntries(Mm mm, Vma vma, MmuGather gather, TrapPoint at, ulong start, ulong end,
        ref WorkCost cost)
    {
        ulong bits = mapper.FreshBits(vma);
        ulong kept = format.PfnMask | format.Accessed | format.Dirty;
        for (ulong va = start; va < end; va += memory.Geometry.PageBytes)
        {
            PteSlot slot = memory.Tables.Find(mm, va);
            if (!slot.Exists)
            {
                va = memory.Tables.SkipMissing(mm, va, end) - memory.Geometry.PageBytes;
                continue;
            }

            ulong entry = memory.Tables.Read(slot);
            if (!mapper.IsMapped(entry))
                continue;
            ulong changed = (entry & kept) | bits;
            if (MayWrite(vma.Flags, entry))
                changed |= format.Write;
            mapper.Set(mm, slot, va, changed, at);
            gather.Touch(va >> memory.Geometry.PageShift);
            cost.UnmappedPages++;
        }
    }

    // can_change_pte_writable: the write fault that would come is spared where it could only say yes.
    private bool MayWrite(VmFlags flags, ulong entry)
    {
        if ((flags & VmFlags.Write) == 0)
            return false;
        if ((flags & VmFlags.Shared) != 0)
            return (entry & format.Dirty) != 0;
        ref PageFrame frame = ref memory.Map[mapper.PfnOf(entry)];
        return frame.Place == FramePlace.Anon && (frame.Flags & PageFlags.AnonExclusive) != 0;
    }
}
