using System.Buffers.Binary;
using LinuxMem.Abi;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Vfs;
using LinuxMem.Mm.Vfs.Names;

namespace LinuxMem.Mm.Syscalls.Files.Names;

/// <summary>Access control lists that say no more than a mode does.</summary>
/// <remarks>Linux: fs/posix_acl.c: posix_acl_from_xattr, posix_acl_valid, posix_acl_update_mode, v6.18.</remarks>
internal static class AccessControl
{
    private const int HeaderBytes = 4, EntryBytes = 8;
    private const uint Version = 2;
    private const ushort Owner = 1, Group = 4, Other = 0x20, Named = 2, NamedGroup = 8, Mask = 0x10;

    /// <summary>Sets one: EOPNOTSUPP for a longer one, EINVAL for what is none.</summary>
    internal static Errno Set(Credentials who, Inode inode, byte[] value, bool isDefault)
    {
        if (inode.Kind is not (InodeKind.Regular or InodeKind.Shmem or InodeKind.Directory))
            return Errno.EOPNOTSUPP;
        bool isList = value.Length >= HeaderBytes && (value.Length - HeaderBytes) % EntryBytes == 0;
        if (value.Length > 0 && !isList)
            return Errno.EINVAL;
        if (value.Length > 0 && BinaryPrimitives.ReadUInt32LittleEndian(value) != Version)
            return Errno.EOPNOTSUPP;
        if (isDefault && inode.Kind != InodeKind.Directory)
            return value.Length > HeaderBytes ? Errno.EACCES : Errno.None;
        if (!InodePermission.Owns(who, inode))
            return Errno.EPERM;
        if (value.Length <= HeaderBytes)
            return Errno.None;
        return TryRead(value, out uint mode) is var error and not Errno.None ? error : Apply(inode, mode, isDefault);
    }

    // A list for what will be made in a directory is kept as such; one of three entries does what the umask would not.
    private static Errno Apply(Inode inode, uint mode, bool isDefault)
    {
        if (isDefault)
            return Errno.EOPNOTSUPP;
        if (inode.Permissions is { } old)
            inode.Permissions = (old & ~0x1ffu) | mode;
        return Errno.None;
    }

    private static Errno TryRead(byte[] value, out uint mode)
    {
        mode = 0;
        uint seen = 0;
        for (int at = HeaderBytes; at < value.Length; at += EntryBytes)
        {
            ushort tag = BinaryPrimitives.ReadUInt16LittleEndian(value.AsSpan(at));
            ushort rights = BinaryPrimitives.ReadUInt16LittleEndian(value.AsSpan(at + 2));
            if (rights > 7)
                return Errno.EINVAL;
            if (tag is Named or NamedGroup or Mask)
                return Errno.EOPNOTSUPP;
            if (tag is not (Owner or Group or Other) || tag <= seen)
                return Errno.EINVAL;
            seen = tag;
            mode |= (uint)rights << (tag == Owner ? 6 : tag == Group ? 3 : 0);
        }

        return value.Length == HeaderBytes + (3 * EntryBytes) ? Errno.None : Errno.EINVAL;
    }
}
