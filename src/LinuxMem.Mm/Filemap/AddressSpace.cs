using LinuxMem.Abi;
using LinuxMem.Mm.Swap;
using LinuxMem.Mm.Vfs;
using LinuxMem.Mm.Vmas;
using LinuxMem.Simulation.Locks;

namespace LinuxMem.Mm.Filemap;

/// <summary>
/// A file's (or shared memory object's) identity in the page cache: what its VMAs name. The pages are the page cache's.
/// </summary>
/// <remarks>
/// Linux: include/linux/fs.h: struct address_space, v6.18. Never a process's address space: that is an Mm.
/// </remarks>
public sealed class AddressSpace
{
    private BusyTimeline? busy;
    private BusyTimeline? mapBusy;

    /// <summary>A new object.</summary>
    /// <param name="id">Unique number, from 1 in order of creation.</param>
    /// <param name="name">Path, or a name such as "/dev/zero (deleted)" for shared anonymous memory.</param>
    /// <param name="isShmem">Whether it is shared memory, gone with its last mapping.</param>
    public AddressSpace(int id, string name, bool isShmem)
    {
        Id = id;
        Name = name;
        IsShmem = isShmem;
    }

    /// <summary>Unique number, from 1 in order of creation.</summary>
    public int Id { get; }

    /// <summary>What /proc/PID/maps shows.</summary>
    public string Name { get; internal set; }

    /// <summary>Whether it is shared memory rather than a file.</summary>
    public bool IsShmem { get; }

    /// <summary>When its tree of pages is changed (the i_pages lock), in virtual time.</summary>
    internal BusyTimeline Busy => busy ??= new BusyTimeline();

    /// <summary>When the list of its VMAs is walked or changed (i_mmap_rwsem), in virtual time.</summary>
    internal BusyTimeline MapBusy => mapBusy ??= new BusyTimeline();

    /// <summary>VMAs that map it, over all address spaces.</summary>
    public int VmaCount { get; set; }

    /// <summary>
    /// A VMA of it is gone, and gives its open file back. A segment of System V that was removed goes with the last.
    /// </summary>
    /// <remarks>Linux: ipc/shm.c: shm_close, v6.18.</remarks>
    public void Unmapped(OpenFile? file)
    {
        VmaCount--;
        file?.Put();
        if (VmaCount == 0 && Host?.Segment is { IsDoomed: true } doomed)
            doomed.Table.Check(doomed);
    }

    /// <summary>Those VMAs, in the order in which they came (i_mmap).</summary>
    internal LinkedList<Vma> Vmas { get; } = new();

    /// <summary>Pages of shared memory that are in swap, by index; null while there was none.</summary>
    public SortedDictionary<uint, SwapEntry>? Swapped { get; internal set; }

    /// <summary>Pages that the page cache holds of it, as the kernel has told (nrpages).</summary>
    public long Pages { get; set; }

    /// <summary>Its dirty pages and those being written; null if it never had any, or lies on no disk.</summary>
    public FileWrites? Writes { get; set; }

    /// <summary>Errors of writing it back (wb_err).</summary>
    public ErrSeq WriteErrors;

    /// <summary>How often that was, counted beside <see cref="WriteErrors"/> to check who is told.</summary>
    public WriteFailureCount WriteFailures;

    /// <summary>A page of it could not be written back.</summary>
    public void NoteWriteError()
    {
        WriteErrors.Set(Errno.EIO);
        WriteFailures.Add();
    }

    /// <summary>What readahead knows of mappings without an open file.</summary>
    public Readahead Readahead { get; } = new();

    /// <summary>The file; null only for objects that stand for themselves.</summary>
    public Inode? Host { get; internal set; }

    /// <summary>One past the index of the last page that may be mapped: the end of the file, rounded up.</summary>
    public ulong EndIndex => Host?.EndIndex ?? uint.MaxValue;

    /// <summary>Which of its pages are folios of several pages; null if it never had any.</summary>
    public LargeFolios? Folios { get; internal set; }

    /// <summary>
    /// One past the index of the last page that the cache may have: a folio that could not be split when the file was
    /// cut goes on behind the file's end.
    /// </summary>
    public ulong CacheEnd => Folios is { } folios && folios.TryFind(EndIndex, out Folio last) && last.First < EndIndex
        ? last.End : EndIndex;
}
