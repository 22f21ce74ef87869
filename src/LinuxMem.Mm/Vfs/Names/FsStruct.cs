namespace LinuxMem.Mm.Vfs.Names;

/// <summary>Where a task's relative paths begin, and what its new files may not have.</summary>
/// <remarks>
/// Linux: include/linux/fs_struct.h: struct fs_struct, v6.18. Tasks that clone made with CLONE_FS share it. The root is
/// the machine's own: there is no chroot.
/// </remarks>
public sealed class FsStruct
{
    private string path = "";

    /// <summary>The working directory; null is the root, or one of which nobody has told.</summary>
    public Inode? Inode { get; private set; }

    /// <summary>
    /// Its path; empty is the root under no name: there, relative paths stay as they are written.
    /// </summary>
    public string Directory => Inode?.Mapping.Name ?? path;

    /// <summary>Goes to another directory.</summary>
    public void Enter(string to, Inode? inode)
    {
        path = to;
        Inode = inode;
    }

    /// <summary>Rights that new files do not get.</summary>
    public uint Umask { get; set; } = 0x12; // 022

    /// <summary>A copy, for fork.</summary>
    public FsStruct Copy() => new() { path = path, Inode = Inode, Umask = Umask };
}
