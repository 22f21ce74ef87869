using LinuxMem.Abi;
using LinuxMem.Arch.Paging;
using LinuxMem.Mm.Accounting;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Vmas;

namespace LinuxMem.Mm.Syscalls;

/// <summary>mlock(addr, length), mlock2(addr, length, flags) and munlock(addr, length).</summary>
/// <remarks>Linux: mm/mlock.c: do_mlock, apply_vma_lock_flags, count_mm_mlocked_page_nr, v6.18.</remarks>
public sealed class Mlock
{
    private const ulong OnFault = 1; // MLOCK_ONFAULT
    private readonly PagingGeometry geometry;
    private readonly MlockFixup fixup;

    /// <summary>Over one machine's memory.</summary>
    public Mlock(PagingGeometry geometry, MlockFixup fixup)
    {
        this.geometry = geometry;
        this.fixup = fixup;
    }

    /// <summary>
    /// mlock and mlock2. EINVAL: unknown flags, or a range beyond the end of addresses; EPERM: RLIMIT_MEMLOCK is 0;
    /// ENOMEM: the limit, a hole (what lies before it is locked), or too many mappings.
    /// <paramref name="populate"/> is what is to be faulted in.
    /// </summary>
    public SyscallResult Lock(in SyscallContext call, ulong flags, out PopulateRange populate, ref WorkCost cost)
    {
        populate = default;
        if ((flags & ~OnFault) != 0)
            return SyscallResult.Fail(Errno.EINVAL);
        if (!SpaceLimits.MayUseMlock(call.Task))
            return SyscallResult.Fail(Errno.EPERM);
        (ulong start, ulong length) = Range(call);
        if (!Fits(call, start, length))
            return SyscallResult.Fail(Errno.ENOMEM);
        VmFlags added = flags == OnFault ? VmFlags.LockedMask : VmFlags.Locked;
        Errno error = Apply(call.Mm, start, length, added, ref cost);
        if (error != Errno.None)
            return SyscallResult.Fail(error);
        populate = new PopulateRange(start, start + length, PopulateKind.Mlock);
        return default;
    }

    /// <summary>munlock. EINVAL: a range beyond the end of addresses; ENOMEM: a hole, or too many mappings.</summary>
    public SyscallResult Unlock(in SyscallContext call, ref WorkCost cost)
    {
        (ulong start, ulong length) = Range(call);
        Errno error = Apply(call.Mm, start, length, VmFlags.None, ref cost);
        return error == Errno.None ? default : SyscallResult.Fail(error);
    }

    // A length near the end of numbers wraps to nothing, as in Linux.
    private (ulong Start, ulong Length) Range(in SyscallContext call)
    {
        ulong mask = geometry.PageOffsetMask;
        ulong offset = call.Request.A0 & mask;
        return (call.Request.A0 & ~mask, unchecked(call.Request.A1 + offset + mask) & ~mask);
    }

    private bool Fits(in SyscallContext call, ulong start, ulong length)
    {
        if (call.Task.Credentials.Has(Capabilities.IpcLock))
            return true;
        ulong limit = call.Task.Group.Limits.MemlockBytes >> geometry.PageShift;
        ulong wanted = (length >> geometry.PageShift) + call.Mm.Vmas.LockedVmPages;
        return wanted <= limit || wanted - LockedPages(call.Mm, start, length) <= limit;
    }

    private ulong LockedPages(Mm mm, ulong start, ulong length)
    {
        ulong end = start + length < start ? ulong.MaxValue : start + length;
        ulong bytes = 0;
        for (Vma? vma = mm.Vmas.Tree.FindIntersection(start, end); vma is not null && vma.Start < end; vma = vma.Next)
        {
            if ((vma.Flags & VmFlags.Locked) != 0)
                bytes += Math.Min(vma.End, end) - Math.Max(vma.Start, start);
        }

        return bytes >> geometry.PageShift;
    }

    private Errno Apply(Mm mm, ulong start, ulong length, VmFlags added, ref WorkCost cost)
    {
        ulong end = unchecked(start + length);
        if (end < start)
            return Errno.EINVAL;
        ulong at = start;
        while (at < end)
        {
            Vma? vma = mm.Vmas.Tree.FindContaining(at);
            if (vma is null)
                return Errno.ENOMEM;
            ulong upTo = Math.Min(vma.End, end);
            Errno error = fixup.Apply(mm, vma, at, upTo, added, ref cost);
            if (error != Errno.None)
                return error;
            at = upTo;
        }

        return Errno.None;
    }
}
