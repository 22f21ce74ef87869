using LinuxMem.Abi;
using LinuxMem.Arch.Paging;
using LinuxMem.Mm.Accounting;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Vmas;

namespace LinuxMem.Mm.Syscalls;

/// <summary>mlockall(flags) and munlockall().</summary>
/// <remarks>Linux: mm/mlock.c: mlockall, munlockall, apply_mlockall_flags, v6.18.</remarks>
public sealed class Mlockall
{
    private const ulong Current = 1; // MCL_CURRENT
    private const ulong Future = 2; // MCL_FUTURE
    private const ulong OnFault = 4; // MCL_ONFAULT
    private readonly PagingGeometry geometry;
    private readonly MlockFixup fixup;

    /// <summary>Over one machine's memory.</summary>
    public Mlockall(PagingGeometry geometry, MlockFixup fixup)
    {
        this.geometry = geometry;
        this.fixup = fixup;
    }

    /// <summary>
    /// Locks what is mapped, what will be, or both. EINVAL: no flag, unknown ones, or MCL_ONFAULT alone; EPERM:
    /// RLIMIT_MEMLOCK is 0; ENOMEM: the limit.
    /// </summary>
    public SyscallResult Lock(in SyscallContext call, out PopulateRange populate, ref WorkCost cost)
    {
        populate = default;
        ulong flags = (uint)call.Request.A0;
        if (flags is 0 or OnFault || (flags & ~(Current | Future | OnFault)) != 0)
            return SyscallResult.Fail(Errno.EINVAL);
        if (!SpaceLimits.MayUseMlock(call.Task))
            return SyscallResult.Fail(Errno.EPERM);
        bool current = (flags & Current) != 0;
        ulong limit = call.Task.Group.Limits.MemlockBytes >> geometry.PageShift;
        if (current && call.Mm.Vmas.TotalVmPages > limit && !call.Task.Credentials.Has(Capabilities.IpcLock))
            return SyscallResult.Fail(Errno.ENOMEM);
        Apply(call.Mm, flags, ref cost);
        if (current)
            populate = new PopulateRange(0, geometry.TaskSize);
        return default;
    }

    /// <summary>Unlocks everything, and what will be mapped.</summary>
    public SyscallResult Unlock(in SyscallContext call, ref WorkCost cost)
    {
        Apply(call.Mm, 0, ref cost);
        return default;
    }

    // Mappings that cannot be changed are passed over.
    private void Apply(Mm mm, ulong flags, ref WorkCost cost)
    {
        VmFlags added = (flags & OnFault) != 0 ? VmFlags.LockedMask : VmFlags.Locked;
        mm.DefFlags &= ~VmFlags.LockedMask;
        if ((flags & Future) != 0)
            mm.DefFlags |= added;
        if ((flags & (Current | Future)) == Future)
            return;
        VmFlags wanted = (flags & Current) != 0 ? added : VmFlags.None;
        ulong at = 0;
        while (mm.Vmas.Tree.Find(at) is { } vma)
        {
            at = vma.End;
            _ = fixup.Apply(mm, vma, vma.Start, vma.End, wanted, ref cost);
        }
    }
}
