using LinuxMem.Mm.Hugetlb;
using LinuxMem.Mm.Proc.Files;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Vfs;
using LinuxMem.Mm.Vfs.Locks;

namespace LinuxMem.Mm.Filemap;

/// <summary>
/// Every inode there is, those with a name by it; and which are gone, so that the page cache gives up their pages.
/// </summary>
public sealed class SharedObjects
{
    private readonly SortedDictionary<string, Inode> names = new(StringComparer.Ordinal);
    private readonly Dictionary<int, AddressSpace> byId = [];
    private readonly int pageShift;
    private readonly List<TaskStruct> woken;
    private int lastId;
    private Inode? blockDevice;

    /// <summary>None yet, on a machine whose pages are 2^<paramref name="pageShift"/> bytes.</summary>
    public SharedObjects(int pageShift, List<TaskStruct> woken)
    {
        this.pageShift = pageShift;
        this.woken = woken;
    }

    /// <summary>The disk that regular files lie on; null if they are read and written in no time.</summary>
    public DiskLayout? Disk { get; init; }

    /// <summary>Pages promised to objects of shared memory; those without a promise are not counted.</summary>
    public long CommittedPages { get; private set; }

    /// <summary>Objects that are gone, whose pages the page cache has yet to give up.</summary>
    public List<AddressSpace> Dead { get; } = [];

    /// <summary>
    /// The files with a name, by path, and last the disk's blocks: their pages stay cached when nothing maps them.
    /// </summary>
    public IEnumerable<AddressSpace> Files => names.Values.Where(i => i.HasPages).Select(i => i.Mapping)
        .Concat(blockDevice is null ? [] : [blockDevice.Mapping]);

    /// <summary>The kernel's own pages that processes map ([vdso]): found by no path.</summary>
    public AddressSpace CreateHidden(string name) => new(++lastId, name, isShmem: false);

    /// <summary>Every object that is not the kernel's own, in no order.</summary>
    public IReadOnlyCollection<AddressSpace> All => byId.Values;

    /// <summary>An object by number; null if there is none, or it is one of the kernel's own.</summary>
    public AddressSpace? ById(int id) => byId.GetValueOrDefault(id);

    /// <summary>The inode at a path, or null.</summary>
    public Inode? Find(string path) => names.GetValueOrDefault(path);

    /// <summary>
    /// The file at a path; the same object every time. One that was never opened is a file of which nothing is known.
    /// </summary>
    public AddressSpace File(string path)
    {
        if (names.TryGetValue(path, out Inode? inode))
            return inode.Mapping;
        inode = Create(InodeKind.Regular, path);
        inode.IsSizeKnown = false;
        inode.IsWarm = true;
        Link(path, inode);
        return inode.Mapping;
    }

    /// <summary>Who waits for whose lock on a file.</summary>
    public LockWaits LockWaits { get; } = new();

    internal FileLocks NewLocks() => new(woken);

    /// <summary>A new inode without a name.</summary>
    public Inode Create(InodeKind kind, string name, HugeFile? huge = null)
    {
        var mapping = new AddressSpace(++lastId, name, kind == InodeKind.Shmem);
        var inode = new Inode(this, mapping, kind, pageShift)
        {
            Pipe = kind == InodeKind.Pipe ? new Pipe(woken) : null,
            Huge = huge,
        };
        mapping.Host = inode;
        byId.Add(mapping.Id, mapping);
        return inode;
    }

    /// <summary>A new inode with a name.</summary>
    public Inode CreateNamed(InodeKind kind, string path)
    {
        Inode inode = Create(kind, path);
        Link(path, inode);
        return inode;
    }

    /// <summary>A disk as a file of so many blocks, each of which lies where it says. Once.</summary>
    public Inode CreateBlockDevice(string name, ulong blocks)
    {
        blockDevice = Create(InodeKind.BlockDevice, name);
        blockDevice.SizeBytes = blocks << pageShift;
        blockDevice.Extents.Add(0, (uint)Math.Min(blocks, uint.MaxValue), 0);
        return blockDevice;
    }

    /// <summary>A new file whose bytes the kernel makes when they are read; every opening reads by itself.</summary>
    public Inode CreateGenerated(string name, Func<ProcFile> open)
    {
        var mapping = new AddressSpace(++lastId, name, isShmem: false);
        var inode = new Inode(this, mapping, InodeKind.Generated, pageShift) { Generate = open };
        mapping.Host = inode;
        return inode;
    }

    /// <summary>Gives an inode a name, in place of one that had it.</summary>
    public void Link(string path, Inode inode)
    {
        Unlink(path);
        names.Add(path, inode);
        DirectoryOf(path)?.Entries.Add(LastOf(path), inode);
        inode.Links++;
        inode.Mapping.Name = path;
    }

    /// <summary>Takes a name away; false if nothing has it. What is open or mapped lives on without.</summary>
    public bool Unlink(string path)
    {
        if (!names.Remove(path, out Inode? inode))
            return false;
        DirectoryOf(path)?.Entries.Remove(LastOf(path));
        inode.Links--;
        if (inode.Links == 0)
            inode.Mapping.Name = path + " (deleted)";
        Check(inode);
        return true;
    }

    /// <summary>Gives what has one name another, with all that lies below it.</summary>
    public void Move(string from, string to)
    {
        Inode inode = names[from];
        Link(to, inode);
        Unlink(from);
        inode.Mapping.Name = to;
        if (inode.Kind != InodeKind.Directory)
            return;
        foreach (string name in NamesBelow(from))
        {
            Inode below = names[name];
            string moved = to + name[from.Length..];
            names.Remove(name);
            names[moved] = below;
            if (below.Mapping.Name == name)
                below.Mapping.Name = moved;
        }
    }

    /// <summary>Exchanges what two names stand for.</summary>
    public void Swap(string one, string two)
    {
        const string aside = "\0exchange";
        Move(one, aside);
        Move(two, one);
        Move(aside, two);
    }

    private List<string> NamesBelow(string directory) =>
        [.. names.Keys.Where(name => name.Length > directory.Length && name[directory.Length] == '/'
            && name.StartsWith(directory, StringComparison.Ordinal))];

    private Inode? DirectoryOf(string path)
    {
        Inode? parent = names.GetValueOrDefault(Vfs.Names.PathWalk.ParentPath(path));
        return parent is { Kind: InodeKind.Directory } ? parent : null;
    }

    private static string LastOf(string path) => path[(path.LastIndexOf('/') + 1)..];

    /// <summary>Notes an inode that lost an open file or a name: without any it is gone.</summary>
    internal void Check(Inode inode)
    {
        if (inode.HasPages && inode is { Opens: 0, Links: 0 } && inode.Mapping.VmaCount == 0)
        {
            CommittedPages -= inode.CommittedPages;
            inode.CommittedPages = 0;
            inode.Huge?.Truncate(0);
            byId.Remove(inode.Mapping.Id);
            Dead.Add(inode.Mapping);
        }

        const InodeKind directory = InodeKind.Directory, link = InodeKind.Symlink, fifo = InodeKind.Fifo;
        if (inode is { Kind: directory or link or fifo, Opens: 0, Links: 0 })
            byId.Remove(inode.Mapping.Id);
    }

    /// <summary>Promises pages to an object of shared memory for as long as it lives.</summary>
    public void Commit(Inode inode, long pages)
    {
        inode.CommittedPages += pages;
        CommittedPages += pages;
    }
}
