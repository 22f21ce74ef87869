using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Hugetlb;
using LinuxMem.Mm.Vfs.Names;

namespace LinuxMem.Mm.Vfs;

/// <summary>Opens files by path: those of the machine, and those that the world outside brings along.</summary>
/// <remarks>
/// Linux: fs/namei.c: path_openat, v6.18. Directories exist as far as they were made or something outside says so
/// (<see cref="PathWalk"/>).
/// </remarks>
public sealed class FileSystem
{
    private readonly SharedObjects objects;
    private Func<Tasks.TaskStruct, string, Inode?>? special;
    private readonly SortedDictionary<string, OpenFile> implicitFiles = new(StringComparer.Ordinal);

    /// <summary>Over a machine's inodes.</summary>
    public FileSystem(SharedObjects objects)
    {
        this.objects = objects;
        Walk = new PathWalk(objects);
    }

    /// <summary>Follows paths.</summary>
    public PathWalk Walk { get; }

    /// <summary>
    /// Looks first for a path that the kernel itself makes (/proc); null where it is not one of those.
    /// </summary>
    public Func<Tasks.TaskStruct, string, Inode?>? Special
    {
        get => special;
        set => special = Walk.Special = value;
    }

    /// <summary>
    /// Takes in that something lies at a path. Of a regular file it does not say how long it is: that comes with what
    /// opens it.
    /// </summary>
    /// <param name="path">The path, without links, "." and "..".</param>
    /// <param name="external">What lies there; null: nothing, so that no path goes through it.</param>
    public void Tell(string path, ExternalFile? external)
    {
        Inode? inode = objects.Find(path);
        if (external is null)
        {
            if (inode is null)
                Walk.NoteGone(path);
            return;
        }

        bool isOther = inode is not null && external.Kind is ExternalKind.Directory or ExternalKind.Symlink
            && inode!.Kind != KindOf(external);
        if (isOther)
            objects.Unlink(path);
        if (inode is null || isOther)
        {
            inode = AddExternal(path, external);
            inode.IsTold = inode.Kind == InodeKind.Regular;
            inode.IsSizeKnown = !inode.IsTold;
        }

        inode!.IsKindKnown |= external.Kind != ExternalKind.Unknown;
        inode.Permissions ??= external.Permissions;
    }

    /// <summary>What is known of a file when it is opened, in place of what <see cref="Tell"/> took in.</summary>
    public Inode AddOpened(in WalkResult at, ExternalFile external)
    {
        if (at.Inode is { IsTold: true, Opens: 0 } told && told.Mapping.VmaCount == 0)
        {
            // It may have got another name since.
            if (told.Links > 1)
                return told.Kind == KindOf(external) ? Describe(told, external) : told;
            uint? permissions = told.Permissions;
            objects.Unlink(at.Path);
            Inode inode = AddExternal(at.Path, external);
            inode.Permissions ??= permissions;
            return inode;
        }

        // Of what it was nobody had told: it is a directory.
        bool isOther = at.Inode is { IsKindKnown: false, Opens: 0 } && external.Kind == ExternalKind.Directory;
        if (isOther)
            objects.Unlink(at.Path);
        return isOther ? AddExternal(at.Path, external) : at.Inode ?? AddExternal(at.Path, external);
    }

    /// <summary>Something new with a name, that belongs to who made it.</summary>
    public Inode Make(Tasks.TaskStruct task, string path, InodeKind kind, uint mode)
    {
        bool onTmpfs = kind == InodeKind.Regular && path.StartsWith("/dev/shm/", StringComparison.Ordinal);
        Inode inode = objects.Create(onTmpfs ? InodeKind.Shmem : kind, path);
        inode.Permissions = mode & ~task.Fs.Umask;
        Inode? parent = Walk.ParentOf(path);
        const uint setGroup = 0x400;
        bool inherits = parent is { Permissions: { } rights } && (rights & setGroup) != 0;
        inode.Uid = task.Credentials.Euid;
        inode.Gid = inherits ? parent!.Gid : task.Credentials.Egid;
        if (kind == InodeKind.Directory)
        {
            inode.Permissions |= inherits ? setGroup : 0;
            inode.IsWhole = true;
        }

        objects.Link(path, inode);
        Walk.NoteMade(path);
        return inode;
    }

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
        Inode inode = Describe(objects.Create(KindOf(external), path, huge), external);
        objects.Link(path, inode);
        Walk.NoteMade(path);
        return inode;
    }

    private Inode Describe(Inode inode, ExternalFile external)
    {
        inode.SizeBytes = external.SizeBytes;
        inode.IsTold = false;
        inode.IsSizeKnown = true;
        inode.DeniesExec |= external.DeniesExec;
        inode.IsWarm = inode.Kind == InodeKind.Regular && objects.Disk is null;
        if (inode.IsOnDisk)
            objects.Disk!.Place(inode.Extents, 0, (uint)inode.EndIndex);
        if (inode.Kind == InodeKind.Regular)
            inode.Blocks.Write(0, inode.EndIndex);
        inode.IsKindKnown = external.Kind != ExternalKind.Unknown;
        inode.Permissions = external.Permissions ?? inode.Permissions;
        inode.Uid = external.Uid;
        inode.Gid = external.Gid;
        inode.Target = external.Target;
        if (external.Bytes is { } bytes)
            inode.Store.ComesFrom(bytes, external.SizeBytes);
        return inode;
    }

    /// <summary>
    /// Opens what a path leads to. ENOENT, EEXIST, EISDIR, ENOTDIR, ELOOP, EACCES, ETXTBSY, EINVAL as Linux; the size
    /// that O_TRUNC leaves is the caller's to see to.
    /// </summary>
    /// <param name="task">Who opens it.</param>
    /// <param name="at">Where the path leads, the last link followed unless <paramref name="flags"/> say no.</param>
    /// <param name="flags">How.</param>
    /// <param name="mode">The mode of a new file.</param>
    /// <param name="file">The open file, without a reference.</param>
    public Errno Open(Tasks.TaskStruct task, in WalkResult at, OpenFlags flags, uint mode, out OpenFile? file)
    {
        file = null;
        // O_PATH opens for nothing, whatever else is said.
        if ((flags & OpenFlags.Path) != 0)
            flags &= OpenFlags.Path | OpenFlags.Directory | OpenFlags.CloseOnExec | OpenFlags.NoFollow;
        Inode? inode = at.Inode;
        bool creates = (flags & OpenFlags.Create) != 0;
        bool writes = (flags & OpenFlags.AccessMode) != 0;
        if ((flags & OpenFlags.TmpFile) != 0)
        {
            InodeKind kind = at.Path.StartsWith("/dev/shm", StringComparison.Ordinal)
                ? InodeKind.Shmem : InodeKind.Regular;
            file = new OpenFile(objects.Create(kind, at.Path + "/#1 (deleted)"), flags, at.Path);
            return writes ? Errno.None : Errno.EINVAL;
        }

        if (inode is not null && creates && (flags & OpenFlags.Exclusive) != 0)
            return Errno.EEXIST;
        if (inode is null)
        {
            if (!creates || at.Path.Length == 0)
                return Errno.ENOENT;
            if (MayMake(task, at.Path) is var refusal and not Errno.None)
                return refusal;
            inode = Make(task, at.Path, InodeKind.Regular, mode & 0xfff);
        }
        else if (Refuses(task, inode, flags) is var refusal and not Errno.None)
        {
            return refusal;
        }

        if (inode.Kind == InodeKind.Fifo && (flags & OpenFlags.Path) == 0)
            inode = objects.Create(InodeKind.Stream, at.Path);
        file = new OpenFile(inode, flags, at.Path);
        return Errno.None;
    }

    private Errno MayMake(Tasks.TaskStruct task, string path)
    {
        if (Walk.IsGone(PathWalk.ParentPath(path)))
            return Errno.ENOENT;
        if (Walk.ParentOf(path) is not { } parent)
            return Errno.None;
        const uint change = InodePermission.Write | InodePermission.Execute;
        // What nobody has told the kind of is a directory, if something is made in it.
        if (!parent.IsKindKnown)
            return Errno.None;
        return parent.Kind != InodeKind.Directory ? Errno.ENOTDIR
            : InodePermission.May(task.Credentials, parent, change) ? Errno.None : Errno.EACCES;
    }

    // Linux: fs/namei.c: do_open, may_open, v6.18.
    private static Errno Refuses(Tasks.TaskStruct task, Inode inode, OpenFlags flags)
    {
        bool writes = (flags & OpenFlags.AccessMode) != 0;
        bool isPath = (flags & OpenFlags.Path) != 0;
        if (inode.Kind == InodeKind.Symlink && !isPath)
            return (flags & OpenFlags.Directory) != 0 ? Errno.ENOTDIR : Errno.ELOOP;
        if (inode.Kind == InodeKind.Directory && (writes || (flags & OpenFlags.Create) != 0))
            return Errno.EISDIR;
        if (inode.Kind != InodeKind.Directory && (flags & OpenFlags.Directory) != 0)
            return Errno.ENOTDIR;
        if (isPath)
            return Errno.None;
        uint wanted = ((flags & OpenFlags.WriteOnly) == 0 ? InodePermission.Read : 0)
            | (writes || (flags & OpenFlags.Truncate) != 0 ? InodePermission.Write : 0);
        if (!InodePermission.May(task.Credentials, inode, wanted))
            return Errno.EACCES;
        if (writes && inode.WriteCount < 0)
            return Errno.ETXTBSY;
        // Linux: mm/shmem.c: shmem_setattr, v6.18.
        bool shrinks = (flags & OpenFlags.Truncate) != 0 && inode is { Kind: InodeKind.Shmem, SizeBytes: > 0 };
        return shrinks && (inode.Seals & FileSeals.Shrink) != 0 ? Errno.EPERM : Errno.None;
    }

    private static InodeKind KindOf(ExternalFile external) => external.Kind switch
    {
        ExternalKind.Regular or ExternalKind.Unknown =>
            external.OnTmpfs || external.OnHugetlbfs ? InodeKind.Shmem : InodeKind.Regular,
        ExternalKind.Directory => InodeKind.Directory,
        ExternalKind.DevZero => InodeKind.DevZero,
        ExternalKind.Stream => InodeKind.Stream,
        ExternalKind.Symlink => InodeKind.Symlink,
        _ => InodeKind.Anonymous,
    };
}
