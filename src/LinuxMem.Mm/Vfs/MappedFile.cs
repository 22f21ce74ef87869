using LinuxMem.Abi;
using LinuxMem.Mm.Vmas;

namespace LinuxMem.Mm.Vfs;

/// <summary>What a file says to being mapped.</summary>
/// <remarks>Linux: mm/mmap.c: do_mmap, the part for files; mm/memfd.c: memfd_check_seals_mmap, v6.18.</remarks>
public static class MappedFile
{
    private const MapFlags LegacyFlags = MapFlags.Shared | MapFlags.Private | MapFlags.Fixed | MapFlags.Anonymous
        | MapFlags.DenyWrite | MapFlags.Executable | MapFlags.GrowsDown | MapFlags.Locked | MapFlags.NoReserve
        | MapFlags.Populate | MapFlags.NonBlock | MapFlags.Stack | MapFlags.HugeTlb | MapFlags.Low32Bit
        | (MapFlags)(63u << 26); // LEGACY_MAP_MASK: MAP_FIXED_NOREPLACE is younger

    /// <summary>The longest that a file on a disk may be: 2^32 - 1 blocks of ext4.</summary>
    public const ulong MaxBytes = 0xffff_ffff_000;

    /// <summary>
    /// Whether the mapping may be made. EACCES: not open for what is asked; EOPNOTSUPP: an unknown flag with
    /// MAP_SHARED_VALIDATE; ENODEV: it cannot be mapped; EPERM: a seal or its file system forbids it; EINVAL: bad type;
    /// EOVERFLOW: beyond what a file may be.
    /// </summary>
    public static Errno Check(OpenFile file, ProtFlags prot, MapFlags flags, ulong offset, ulong length)
    {
        ulong most = file.Inode.Kind switch
        {
            InodeKind.Regular => MaxBytes,
            InodeKind.Shmem => long.MaxValue,
            _ => ulong.MaxValue,
        };
        if (length > most || offset > (most - length & ~0xfffUL))
            return Errno.EOVERFLOW;
        MapFlags type = flags & MapFlags.TypeMask;
        bool writes = (prot & ProtFlags.Write) != 0;
        // ext4 knows MAP_SYNC, and refuses it when all else is right.
        MapFlags own = file.Inode.Kind == InodeKind.Regular ? MapFlags.Sync : MapFlags.None;
        if (type == MapFlags.SharedValidate && (flags & ~(LegacyFlags | own)) != 0)
            return Errno.EOPNOTSUPP;
        if (type is not (MapFlags.Private or MapFlags.Shared or MapFlags.SharedValidate))
            return Errno.EINVAL;
        if (type != MapFlags.Private && writes && !file.CanWrite)
            return Errno.EACCES;
        if (!file.CanRead)
            return Errno.EACCES;
        if (file.Inode.DeniesExec && (prot & ProtFlags.Exec) != 0)
            return Errno.EPERM;
        if (!file.Inode.HasPages && file.Inode.Kind != InodeKind.DevZero)
            return Errno.ENODEV;
        if ((flags & MapFlags.GrowsDown) != 0)
            return Errno.EINVAL;
        const FileSeals noWrite = FileSeals.Write | FileSeals.FutureWrite;
        bool sealedOff = (file.Inode.Seals & noWrite) != 0;
        return type != MapFlags.Private && writes && sealedOff ? Errno.EPERM : Errno.None;
    }

    /// <summary>The flags of the VMA: stores that the file does not allow never become possible.</summary>
    public static VmFlags Flags(OpenFile file, VmFlags flags)
    {
        if ((flags & VmFlags.Shared) == 0)
            return flags;
        if (!file.CanWrite)
            return flags & ~(VmFlags.MayWrite | VmFlags.Shared);
        const FileSeals noWrite = FileSeals.Write | FileSeals.FutureWrite;
        return (file.Inode.Seals & noWrite) != 0 ? flags & ~VmFlags.MayWrite : flags;
    }
}
