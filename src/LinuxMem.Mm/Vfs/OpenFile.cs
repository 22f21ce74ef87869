using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Proc.Files;

namespace LinuxMem.Mm.Vfs;

/// <summary>
/// An open file: what descriptors and mappings refer to. Two descriptors may share one, after dup or fork.
/// </summary>
/// <remarks>Linux: include/linux/fs.h: struct file, v6.18.</remarks>
public sealed class OpenFile
{
    private int references;
    private ulong writeErrors;
    private long failuresKnown;

    /// <summary>A new one with no reference yet; whoever keeps it calls <see cref="Get"/>.</summary>
    public OpenFile(Inode inode, OpenFlags flags, string path)
    {
        Inode = inode;
        Flags = flags;
        Path = path;
        inode.Opened();
        if (CanWrite)
            inode.WriteCount++;
        inode.Pipe?.Opened(this);
        Generated = inode.Generate?.Invoke();
        writeErrors = inode.Mapping.WriteErrors.Sample();
        failuresKnown = inode.Mapping.WriteFailures.KnownToNew;
    }

    /// <summary>
    /// What went wrong in writing the file back since this was last asked, or since it was opened: told once to each
    /// open file.
    /// </summary>
    /// <remarks>Linux: mm/filemap.c: file_check_and_advance_wb_err, v6.18.</remarks>
    public Abi.Errno TakeWriteError()
    {
        AddressSpace mapping = Inode.Mapping;
        Abi.Errno error = mapping.WriteErrors.CheckAndAdvance(ref writeErrors);
        Simulation.KernelBug.Assert(mapping.WriteFailures.AreTold(ref failuresKnown, error != Abi.Errno.None),
            $"I38 violated: {Path} could not be written back, and an open file is told {error}");
        ErrorsTold += error == Abi.Errno.None ? 0 : 1;
        return error;
    }

    /// <summary>
    /// How often it was told of an error. Of two processes that share it and wait for the same write, one is told, and
    /// the other hears of success.
    /// </summary>
    public int ErrorsTold { get; private set; }

    /// <summary>The file itself.</summary>
    public Inode Inode { get; }

    /// <summary>How it was opened; fcntl changes some.</summary>
    public OpenFlags Flags { get; set; }

    /// <summary>The path it was opened by.</summary>
    public string Path { get; }

    /// <summary>Where the next read or write begins, in bytes.</summary>
    public ulong Position { get; set; }

    /// <summary>What readahead knows of its reader.</summary>
    public Readahead Readahead { get; } = new();

    /// <summary>What its bytes come from, where the kernel makes them when they are read; null elsewhere.</summary>
    public ProcFile? Generated { get; }

    /// <summary>Whether it may be read.</summary>
    public bool CanRead => (Flags & (OpenFlags.WriteOnly | OpenFlags.Path)) == 0;

    /// <summary>Whether it may be written.</summary>
    public bool CanWrite => (Flags & OpenFlags.AccessMode) != 0 && (Flags & OpenFlags.Path) == 0;

    /// <summary>Whether it has a position that can be set.</summary>
    public bool IsSeekable =>
        !Inode.IsSecret && Inode.Kind is InodeKind.Regular or InodeKind.Shmem or InodeKind.DevZero
            or InodeKind.Generated or InodeKind.Directory;

    /// <summary>Takes a reference.</summary>
    public void Get() => references++;

    /// <summary>Gives a reference back; the last one closes the file.</summary>
    public void Put()
    {
        Simulation.KernelBug.Assert(references > 0, $"I12 violated: {Path} is closed more often than opened");
        if (--references > 0)
            return;
        if (CanWrite)
            Inode.WriteCount--;
        Inode.KnownLocks?.UnlockWhole(this);
        Inode.KnownLocks?.UnlockAll(this);
        Inode.Pipe?.Closed(this);
        Inode.Userfault?.Close();
        Inode.Closed();
    }
}
