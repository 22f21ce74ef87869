using LinuxMem.Abi;
using LinuxMem.Arch.Paging;
using LinuxMem.Mm.Accounting;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.PageTables;
using LinuxMem.Mm.Tlb;
using LinuxMem.Mm.Vmas;
using LinuxMem.Simulation.Mutants;

namespace LinuxMem.Mm.Syscalls;

/// <summary>mprotect(addr, length, prot) and pkey_mprotect(addr, length, prot, pkey).</summary>
/// <remarks>
/// Linux: mm/mprotect.c: do_mprotect_pkey, mprotect_fixup, change_pte_range, v6.18. There are no protection keys: only
/// -1, for none, is one.
/// </remarks>
public sealed class Mprotect
{
    private const ProtFlags Known = ProtFlags.Read | ProtFlags.Write | ProtFlags.Exec | ProtFlags.Sem;
    private readonly KernelMemory memory;
    private readonly PageMapper mapper;
    private readonly SpaceLimits limits;
    private readonly PteFormat format;

    /// <summary>Over one machine's memory.</summary>
    public Mprotect(KernelMemory memory, PageMapper mapper, SpaceLimits limits)
    {
        this.memory = memory;
        this.mapper = mapper;
        this.limits = limits;
        format = memory.Geometry.Format;
    }

    /// <summary>
    /// Changes the rights of every page in the range. EINVAL: bad arguments; ENOMEM: a hole (what lies before it is
    /// changed), too many mappings or a limit; EACCES: a right that the mapping can never have; EPERM: it is sealed.
    /// <paramref name="populate"/> is the range where locked memory became writable.
    /// </summary>
    /// <param name="call">The call.</param>
    /// <param name="key">The protection key, -1 for none.</param>
    /// <param name="populate">What is to be faulted in.</param>
    /// <param name="cost">Takes in what was done.</param>
    public SyscallResult Invoke(in SyscallContext call, int key, out PopulateRange populate, ref WorkCost cost)
    {
        populate = default;
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
        if ((prot & ~Known) != 0 || key != -1)
            return SyscallResult.Fail(Errno.EINVAL);
        Vma? vma = call.Mm.Vmas.Tree.FindIntersection(start, end);
        if (vma is null)
            return SyscallResult.Fail(Errno.ENOMEM);
        Errno error = Extend(grows, vma, ref start, ref end);
        if (error == Errno.None)
            error = Change(call, start, end, prot, out populate, ref cost);
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

    private Errno Change(in SyscallContext call, ulong start, ulong end, ProtFlags prot, out PopulateRange populate,
        ref WorkCost cost)
    {
        Mm mm = call.Mm;
        List<PopulateRange>? locked = null;
        populate = default;
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

            bool execToo = call.Task.ReadImpliesExec && (prot & ProtFlags.Read) != 0
                && (vma.Flags & VmFlags.MayExec) != 0;
            VmFlags wanted = (vma.Flags & ~VmFlags.AccessMask)
                | VmFlagsOf.Protection(execToo ? prot | ProtFlags.Exec : prot);
            if ((wanted & ~(VmFlags)((ulong)vma.Flags >> 4) & (VmFlags.Read | VmFlags.Write | VmFlags.Exec)) != 0)
            {
                error = Errno.EACCES;
                break;
            }

            if (mm.DeniesWriteExec && DeniesWriteExec(vma.Flags, wanted))
            {
                error = Errno.EACCES;
                break;
            }

            ulong upTo = Math.Min(vma.End, end);
            bool fills = BecomesWritableLocked(vma.Flags, wanted);
            error = ChangeVma(call, vma, at, upTo, wanted, gather, ref cost);
            if (error != Errno.None)
                break;
            if (fills)
                (locked ??= []).Add(new PopulateRange(at, upTo));
            at = upTo;
        }

        if (locked is not null)
            populate = new PopulateRange(start, at, Parts: locked);
        cost.FixedNs += memory.Coherence.Finish(mm, gather, call.At.Cpu, call.At.NowNs);
        return error;
    }

    private Errno ChangeVma(in SyscallContext call, Vma vma, ulong start, ulong end, VmFlags wanted, MmuGather gather,
        ref WorkCost cost)
    {
        Mm mm = call.Mm;
        if ((vma.Flags & VmFlags.Sealed) != 0)
            return Errno.EPERM;
        if (vma.Flags == wanted)
            return Errno.None;
        ulong pages = (end - start) >> memory.Geometry.PageShift;
        VmFlags charged = Charged(vma, wanted);
        if ((wanted & VmFlags.Write) != 0 && !Fits(call, vma.Flags, wanted, pages))
            return Errno.ENOMEM;
        if ((charged & ~vma.Flags & VmFlags.Account) != 0 && !limits.MayCommit(mm, call.Task, pages))
            return Errno.ENOMEM;
        Errno error = mm.Vmas.ModifyFlags(vma, start, end, charged, out Vma changedVma);
        if (error != Errno.None)
            return error;
        cost.Vmas++;
        ChangeEntries(mm, changedVma, gather, call.At, start, end, ref cost);
        return Errno.None;
    }

    // What is writable may not become executable, nor what is not executable. Linux: map_deny_write_exec.
    private static bool DeniesWriteExec(VmFlags old, VmFlags wanted)
    {
        if ((wanted & VmFlags.Exec) == 0)
            return false;
        return (wanted & VmFlags.Write) != 0 || (old & VmFlags.Exec) == 0;
    }

    private static bool BecomesWritableLocked(VmFlags old, VmFlags wanted) =>
        (old & (VmFlags.Write | VmFlags.Shared | VmFlags.Locked)) == VmFlags.Locked
        && (wanted & VmFlags.Write) != 0;

    // Private memory that becomes writable counts as data. As in Linux the pages are asked for as if they were new, and
    // an answer that is no for the old flags too does not count.
    private bool Fits(in SyscallContext call, VmFlags old, VmFlags wanted, ulong pages) =>
        limits.MayExpand(call.Mm, call.Task.Group.Limits, wanted, pages)
        || !limits.MayExpand(call.Mm, call.Task.Group.Limits, old, pages);

    // Private memory is charged against the commit limit once it may be written, and no more when it was never touched.
    private VmFlags Charged(Vma vma, VmFlags wanted)
    {
        const VmFlags exempt = VmFlags.Account | VmFlags.Write | VmFlags.HugeTlb | VmFlags.Shared | VmFlags.NoReserve;
        if ((wanted & VmFlags.Write) != 0)
            return (vma.Flags & exempt) == 0 && memory.Mutant != Mutant.M142 ? wanted | VmFlags.Account : wanted;
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
            bool hidden = memory.Mutant == Mutant.M73 && (changed & format.Present) == 0;
            if ((memory.Mutant != Mutant.M13 || mapper.IsWritable(changed)) && !hidden)
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
            return (entry & format.Dirty) != 0 || memory.Mutant == Mutant.M141;
        ref PageFrame frame = ref memory.Map[mapper.PfnOf(entry)];
        return frame.Place == FramePlace.Anon && (frame.Flags & PageFlags.AnonExclusive) != 0;
    }
}
