namespace LinuxMem.Mm.Vfs;

/// <summary>What an inode is, as far as memory management cares.</summary>
public enum InodeKind
{
    /// <summary>A regular file on a disk; its pages are in the page cache.</summary>
    Regular,

    /// <summary>A file of shared memory: tmpfs, memfd, SysV, MAP_SHARED|MAP_ANONYMOUS.</summary>
    Shmem,

    /// <summary>A directory.</summary>
    Directory,

    /// <summary>A pipe.</summary>
    Pipe,

    /// <summary>A symbolic link.</summary>
    Symlink,

    /// <summary>A pipe with a name. Opened, it is as a stream.</summary>
    Fifo,

    /// <summary>A socket, a terminal, /dev/null: bytes come from outside or go there; it cannot be mapped.</summary>
    Stream,

    /// <summary>/dev/zero: reads as zeros, maps as anonymous memory.</summary>
    DevZero,

    /// <summary>
    /// A descriptor for other purposes: epoll, eventfd, a timer. Neither read, written nor mapped here.
    /// </summary>
    Anonymous,

    /// <summary>A file whose text the kernel makes when it is read, as those of /proc.</summary>
    Generated,

    /// <summary>A disk as a file of blocks: what the buffer cache holds. It is not opened.</summary>
    BlockDevice,
}

/// <summary>The seals of a memfd.</summary>
/// <remarks>Linux: include/uapi/linux/fcntl.h: F_SEAL_*, v6.18.</remarks>
[Flags]
public enum FileSeals
{
    /// <summary>None.</summary>
    None = 0,
    /// <summary>No more seals (F_SEAL_SEAL).</summary>
    Seal = 0x1,
    /// <summary>It does not shrink (F_SEAL_SHRINK).</summary>
    Shrink = 0x2,
    /// <summary>It does not grow (F_SEAL_GROW).</summary>
    Grow = 0x4,
    /// <summary>It is not written (F_SEAL_WRITE).</summary>
    Write = 0x8,
    /// <summary>It is not written but through mappings that exist (F_SEAL_FUTURE_WRITE).</summary>
    FutureWrite = 0x10,
    /// <summary>Its executable bits stay (F_SEAL_EXEC).</summary>
    Exec = 0x20,
}
