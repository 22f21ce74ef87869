using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Hugetlb;
using LinuxMem.Mm.Proc.Files;
using LinuxMem.Mm.Vfs.Locks;

namespace LinuxMem.Mm.Vfs;

/// <summary>A file as such, whatever its names and whoever has it open: kind, size, pages, contents.</summary>
/// <remarks>
/// Linux: include/linux/fs.h: struct inode, v6.18. It lives as long as it has a name, is open or is mapped; what the
/// page cache holds of it goes with it. A name held by the world outside (<see cref="IsWarm"/> files) counts as a link.
/// </remarks>
public sealed class Inode
{
    private readonly SharedObjects table;
    private SortedDictionary<string, Inode>? entries;
    private FileLocks? locks;
    private Xattrs? attributes;

    internal Inode(SharedObjects table, AddressSpace mapping, InodeKind kind, int pageShift)
    {
        this.table = table;
        Mapping = mapping;
        Kind = kind;
        Store = new PageStore(pageShift);
        PageShift = pageShift;
        Extents = new ExtentMap(table.Disk?.SectorsPerPage ?? 1);
        DeniesExec = kind is InodeKind.Pipe or InodeKind.Anonymous or InodeKind.Generated;
    }

    /// <summary>Unique number, from 1 in order of creation.</summary>
    public int Number => Mapping.Id;

    /// <summary>What it is.</summary>
    public InodeKind Kind { get; }

    /// <summary>Its identity in the page cache.</summary>
    public AddressSpace Mapping { get; }

    /// <summary>What lies on the disk: contents that the page cache does not hold.</summary>
    public PageStore Store { get; }

    /// <summary>log2 of the page size in bytes.</summary>
    public int PageShift { get; }

    /// <summary>
    /// Whether its file system lets nothing be executed: pipes, sockets, descriptors for other purposes, /proc, /sys.
    /// </summary>
    /// <remarks>Linux: fs/exec.c: path_noexec; fs/libfs.c: init_pseudo, v6.18.</remarks>
    public bool DeniesExec { get; set; }

    /// <summary>Length in bytes.</summary>
    public ulong SizeBytes { get; set; }

    /// <summary>
    /// Whether the size is known. It is not for files that a trace maps without telling; these have no end.
    /// </summary>
    public bool IsSizeKnown { get; set; } = true;

    /// <summary>
    /// Whether every page counts as cached from the start: a file of the world outside that was used before the run.
    /// </summary>
    public bool IsWarm { get; set; }

    /// <summary>Whether its pages are read from a disk and written to it, and that takes time.</summary>
    public bool IsOnDisk => table.Disk is not null
        && (Kind == InodeKind.BlockDevice || (Kind == InodeKind.Regular && !IsWarm));

    /// <summary>Whether the inode itself was read from the disk, or made: it stays in memory then.</summary>
    public bool IsInodeRead { get; set; }

    /// <summary>Where its pages lie on the disk.</summary>
    public ExtentMap Extents { get; }

    /// <summary>Which of its pages have blocks, where it is a regular file.</summary>
    public BlockMap Blocks { get; } = new();

    /// <summary>Pages promised to it for as long as it lives (shmem_acct_size).</summary>
    public long CommittedPages { get; internal set; }

    /// <summary>Who may do what: the mode without the type; null where nobody has told.</summary>
    public uint? Permissions { get; set; }

    /// <summary>The user whose it is.</summary>
    public uint Uid { get; set; }

    /// <summary>The group whose it is.</summary>
    public uint Gid { get; set; }

    /// <summary>Whether anybody has told what it is; else it may be a directory too.</summary>
    public bool IsKindKnown { get; set; } = true;

    /// <summary>Whether the world outside has told that it is there, and nothing of what is in it.</summary>
    public bool IsTold { get; set; }

    /// <summary>Where a symbolic link leads.</summary>
    public string? Target { get; set; }

    /// <summary>Whether a directory was made by this machine, so that all its names are known.</summary>
    public bool IsWhole { get; set; }

    /// <summary>The known names in a directory.</summary>
    public SortedDictionary<string, Inode> Entries => entries ??= new(StringComparer.Ordinal);

    /// <summary>The locks on it.</summary>
    public FileLocks Locks => locks ??= table.NewLocks();

    /// <summary>The locks on it; null if it never had any.</summary>
    public FileLocks? KnownLocks => locks;

    /// <summary>Names and values that were attached to it.</summary>
    public Xattrs Attributes => attributes ??= new Xattrs();

    /// <summary>Names in the namespace.</summary>
    public int Links { get; set; }

    /// <summary>Open files (descriptions, not descriptors) on it.</summary>
    public int Opens { get; private set; }

    /// <summary>The seals of a memfd; files that cannot be sealed have <see cref="FileSeals.Seal"/>.</summary>
    public FileSeals Seals { get; set; } = FileSeals.Seal;

    /// <summary>
    /// Tasks and mappings that run it (positive: open files for writing, negative: that keep writers out).
    /// </summary>
    public int WriteCount { get; set; }

    /// <summary>Whether its mode lets it be run.</summary>
    public bool IsExecutable { get; set; }

    /// <summary>What it has of the pool of huge pages; null for a file of small ones.</summary>
    public HugeFile? Huge { get; init; }

    /// <summary>Whether the kernel does not look into its pages (memfd_secret).</summary>
    public bool IsSecret { get; set; }

    /// <summary>Whether its pages stay in memory (AS_UNEVICTABLE).</summary>
    public bool KeepsPages => IsSecret || Segment is { LockedBy: not null };

    /// <summary>The segment of System V shared memory, where it is one.</summary>
    public SysvSegment? Segment { get; set; }

    /// <summary>The pipe, where it is one.</summary>
    public Pipe? Pipe { get; init; }

    /// <summary>What it supplies pages for, where it is one of userfaultfd.</summary>
    public Userfault.UserfaultContext? Userfault { get; set; }

    /// <summary>The task that a pidfd stands for; 0 for anything else.</summary>
    public int TaskId { get; set; }

    /// <summary>Opens the file, where the kernel makes its bytes when they are read.</summary>
    public Func<ProcFile>? Generate { get; init; }

    /// <summary>One past the index of the last page that a fault may map.</summary>
    public ulong EndIndex => IsSizeKnown ? (SizeBytes + (1UL << PageShift) - 1) >> PageShift : uint.MaxValue;

    /// <summary>Whether it has pages that can be mapped.</summary>
    public bool HasPages => Kind is InodeKind.Regular or InodeKind.Shmem;

    internal void Opened() => Opens++;

    internal void Closed()
    {
        Opens--;
        table.Check(this);
    }
}
