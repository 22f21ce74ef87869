using LinuxMem.Abi;
using LinuxMem.Mm.Accounting;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Vmas;

namespace LinuxMem.Mm.Syscalls;

/// <summary>Why anonymous MAP_HUGETLB is refused where no huge pages are configured.</summary>
/// <remarks>Linux: mm/mmap.c: ksys_mmap_pgoff; fs/hugetlbfs/inode.c: hugetlbfs_file_mmap, v6.18.</remarks>
internal static class HugePages
{
    private const int SizeShift = 26; // MAP_HUGE_SHIFT
    private const ulong HugeMask = (2UL << 20) - 1;

    /// <summary>
    /// In the order of Linux's checks: EINVAL where the arguments are wrong; EPERM: an address below vm.mmap_min_addr,
    /// or MAP_LOCKED for one who may lock nothing; EAGAIN: more than may be locked; else ENOMEM.
    ///</summary>
    public static Errno Refuse(in SyscallContext call, SpaceLimits limits, ulong minAddr)
    {
        SyscallRequest request = call.Request;
        var flags = (MapFlags)(uint)request.A3;
        uint log2 = ((uint)flags >> SizeShift) & 63;
        if (log2 is not (0 or 21 or 30) || request.A1 == 0)
            return Errno.EINVAL;
        bool isFixed = (flags & (MapFlags.Fixed | MapFlags.FixedNoReplace)) != 0;
        if ((isFixed && (request.A0 & HugeMask) != 0) || (request.A5 & HugeMask) != 0)
            return Errno.EINVAL;
        if (isFixed && request.A0 < minAddr && !call.Task.Credentials.Has(Capabilities.SysRawIo))
            return Errno.EPERM;
        if ((flags & MapFlags.Locked) != 0 && !SpaceLimits.MayUseMlock(call.Task))
            return Errno.EPERM;
        VmFlags asked = VmFlagsOf.Request(flags) | call.Mm.DefFlags;
        if (!limits.MayLock(call.Mm, call.Task, asked, (request.A1 + HugeMask) & ~HugeMask))
            return Errno.EAGAIN;
        if ((flags & MapFlags.TypeMask) is not (MapFlags.Private or MapFlags.Shared or MapFlags.SharedValidate))
            return Errno.EINVAL;
        return (flags & MapFlags.GrowsDown) != 0 ? Errno.EINVAL : Errno.ENOMEM;
    }
}
