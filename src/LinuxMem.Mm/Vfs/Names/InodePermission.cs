using LinuxMem.Mm.Tasks;

namespace LinuxMem.Mm.Vfs.Names;

/// <summary>Whether a task may do something with a file, by its owner and mode.</summary>
/// <remarks>
/// Linux: fs/namei.c: generic_permission, v6.18. What the world outside did not tell of a file's mode is allowed.
/// Supplementary groups and access control lists are not kept.
/// </remarks>
public static class InodePermission
{
    /// <summary>To run it, or to go through it where it is a directory.</summary>
    public const uint Execute = 1;

    /// <summary>To write it.</summary>
    public const uint Write = 2;

    /// <summary>To read it.</summary>
    public const uint Read = 4;

    private const uint AnyExecute = 0x49; // 0111

    /// <summary>Whether all of <paramref name="wanted"/> is allowed.</summary>
    public static bool May(Credentials who, Inode inode, uint wanted, bool asRealUser = false)
    {
        if (inode.Permissions is not { } mode)
            return true;
        uint uid = asRealUser ? who.Uid : who.Euid;
        uint gid = asRealUser ? who.Gid : who.Egid;
        int shift = uid == inode.Uid ? 6 : gid == inode.Gid ? 3 : 0;
        if ((mode >> shift & wanted) == wanted)
            return true;
        bool overrides = asRealUser ? who.Uid == 0 : who.Has(Capabilities.DacOverride);
        bool isDirectory = inode.Kind == InodeKind.Directory;
        if (overrides && (isDirectory || (wanted & Execute) == 0 || (mode & AnyExecute) != 0))
            return true;
        bool searches = asRealUser ? who.Uid == 0 : who.Has(Capabilities.DacReadSearch);
        return searches && (isDirectory ? (wanted & Write) == 0 : wanted == Read);
    }

    /// <summary>Whether a task owns a file, or counts as its owner.</summary>
    /// <remarks>Linux: fs/inode.c: inode_owner_or_capable, v6.18.</remarks>
    public static bool Owns(Credentials who, Inode inode) => inode.Permissions is null || who.Euid == inode.Uid
        || who.Has(Capabilities.FileOwner);
}
