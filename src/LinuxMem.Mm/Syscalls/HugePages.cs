using LinuxMem.Abi;

namespace LinuxMem.Mm.Syscalls;

/// <summary>Why anonymous MAP_HUGETLB is refused where no huge pages are configured.</summary>
/// <remarks>Linux: mm/mmap.c: ksys_mmap_pgoff; fs/hugetlbfs/inode.c: hugetlbfs_file_mmap, v6.18.</remarks>
internal static class HugePages
{
    private const int SizeShift = 26; // MAP_HUGE_SHIFT
    private const ulong HugeMask = (2UL << 20) - 1;

    /// <summary>EINVAL where the arguments are wrong, in the order of Linux's checks; else ENOMEM.</summary>
    public static Errno Refuse(in SyscallRequest request)
    {
        var flags = (MapFlags)(uint)request.A3;
        uint log2 = ((uint)flags >> SizeShift) & 63;
        if (log2 is not (0 or 21 or 30) || request.A1 == 0)
            return Errno.EINVAL;
        bool isFixed = (flags & (MapFlags.Fixed | MapFlags.FixedNoReplace)) != 0;
        if ((isFixed && (request.A0 & HugeMask) != 0) || (request.A5 & HugeMask) != 0)
            return Errno.EINVAL;
        if ((flags & MapFlags.TypeMask) is not (MapFlags.Private or MapFlags.Shared or MapFlags.SharedValidate))
            return Errno.EINVAL;
        return (flags & MapFlags.GrowsDown) != 0 ? Errno.EINVAL : Errno.ENOMEM;
    }
}
