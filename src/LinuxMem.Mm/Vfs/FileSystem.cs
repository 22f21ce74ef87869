using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Hugetlb;

namespace LinuxMem.Mm.Vfs;

/// <summary>Opens files by path: those of the machine, and those that the world outside brings along.</summary>
/// <remarks>
/// Linux: fs/namei.c: path_openat, v6.18. One flat name space: a path is looked up as it is written, directories exist
/// as far as something outside says so, permissions are root's.
/// </remarks>
public sealed class FileSystem
{
    private readonly SharedObjects objects;
    private readonly SortedDictionary<string, OpenFile> implicitFiles = new(StringComparer.Ordinal);

    /// <summary>Over a machine's inodes.</summary>
    public FileSystem(SharedObjects objects) => this.objects = objects;

    /// <summary>
    /// Looks first for a path that the kernel itself makes (/proc); null where it is not one of those.
    /// </summary>
    public Func<Tasks.TaskStruct, string, Inode?>? Special { get; set; }

    /// <summary>The inodes.</summary>
    public SharedObjects Objects => objects;

    /// <summary>
    /// The open file that stands behind a mapping whose trace knows no descriptors; the same one for a path every time.
    /// </summary>
    public OpenFile Implicit(string path, ExternalFile? external = null)
    {
        if (external is not null && objects.Find(path) is null)
            AddExternal(path, external);
        Inode inode = objects.File(path).Host!;
        if (!implicitFiles.TryGetValue(path, out OpenFile? file) || file.Inode != inode)
        {
            file = new OpenFile(inode, OpenFlags.ReadWrite, path);
            file.Get();
            inode.WriteCount--;
            implicitFiles[path] = file;
        }

        return file;
    }

    /// <summary>A new object of shared memory without a name, open once: as shared anonymous memory is.</summary>
    /// <remarks>Linux: mm/shmem.c: shmem_zero_setup, shmem_kernel_file_setup, v6.18.</remarks>
    public OpenFile CreateShmem(ulong bytes, string name = "/dev/zero (deleted)")
    {
        Inode inode = objects.Create(InodeKind.Shmem, name);
        inode.SizeBytes = bytes;
        return new OpenFile(inode, OpenFlags.ReadWrite, name);
    }

    /// <summary>A new file of huge pages without a name, open once: as anonymous mappings of such have it.</summary>
    /// <remarks>Linux: fs/hugetlbfs/inode.c: hugetlb_file_setup, v6.18.</remarks>
    public OpenFile CreateHuge(HugePool pool, ulong bytes, string name = "/anon_hugepage (deleted)",
        bool reservesWhenMade = false)
    {
        Inode inode = objects.Create(InodeKind.Shmem, name, new HugeFile(pool, reservesWhenMade));
        inode.SizeBytes = bytes;
        return new OpenFile(inode, OpenFlags.ReadWrite, name);
    }

    /// <summary>The pool of the files of hugetlbfs; null on a machine without.</summary>
    public HugePool? HugePool { get; init; }

    /// <summary>An inode that the world outside describes, under its path.</summary>
    public Inode AddExternal(string path, ExternalFile external)
    {
        HugeFile? huge = external.OnHugetlbfs && HugePool is { } pool ? new HugeFile(pool) : null;
        Inode inode = objects.Create(KindOf(external), path, huge);
        inode.SizeBytes = external.SizeBytes;
        inode.DeniesExec |= external.DeniesExec;
        inode.IsWarm = inode.Kind == InodeKind.Regular && objects.Disk is null;
        if (inode.IsOnDisk)
            objects.Disk!.Place(inode.Extents, 0, (uint)inode.EndIndex);
        if (external.Bytes is { } bytes)
            inode.Store.ComesFrom(bytes, external.SizeBytes);
        objects.Link(path, inode);
        return inode;
    }

    /// <summary>
    /// Opens a path. ENOENT, EEXIST, EISDIR, ENOTDIR, ETXTBSY, EINVAL as Linux; the size that O_TRUNC leaves is the
    /// caller's to see to.
    /// </summary>
    public Errno Open(Tasks.TaskStruct task, string path, OpenFlags flags, ExternalFile? external, out OpenFile? file)
    {
        file = null;
        // O_PATH opens for nothing, whatever else is said.
        if ((flags & OpenFlags.Path) != 0)
            flags &= OpenFlags.Path | OpenFlags.Directory | OpenFlags.CloseOnExec;
        Inode? inode = Special?.Invoke(task, path) ?? objects.Find(path);
        bool creates = (flags & OpenFlags.Create) != 0;
        bool writes = (flags & OpenFlags.AccessMode) != 0;
        if (inode is null && external is not null)
            inode = AddExternal(path, external);
        if ((flags & OpenFlags.TmpFile) != 0)
        {
            InodeKind kind = path.StartsWith("/dev/shm", StringComparison.Ordinal)
                ? InodeKind.Shmem : InodeKind.Regular;
            file = new OpenFile(objects.Create(kind, path + "/#1 (deleted)"), flags, path);
            return writes ? Errno.None : Errno.EINVAL;
        }

        if (inode is not null && creates && (flags & OpenFlags.Exclusive) != 0)
            return Errno.EEXIST;
        if (inode is null)
        {
            if (!creates || path.Length == 0)
                return Errno.ENOENT;
            inode = objects.Create(path.StartsWith("/dev/shm/", StringComparison.Ordinal)
                ? InodeKind.Shmem : InodeKind.Regular, path);
            objects.Link(path, inode);
        }

        if (inode.Kind == InodeKind.Directory && (writes || creates))
            return Errno.EISDIR;
        if (inode.Kind != InodeKind.Directory && (flags & OpenFlags.Directory) != 0)
            return Errno.ENOTDIR;
        if (writes && inode.WriteCount < 0)
            return Errno.ETXTBSY;
        file = new OpenFile(inode, flags, path);
        return Errno.None;
    }

    private static InodeKind KindOf(ExternalFile external) => external.Kind switch
    {
        ExternalKind.Regular => external.OnTmpfs || external.OnHugetlbfs ? InodeKind.Shmem : InodeKind.Regular,
        ExternalKind.Directory => InodeKind.Directory,
        ExternalKind.DevZero => InodeKind.DevZero,
        ExternalKind.Stream => InodeKind.Stream,
        _ => InodeKind.Anonymous,
    };
}
