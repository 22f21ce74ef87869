using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.Block;

namespace LinuxMem.Mm.Filemap;

/// <summary>The dirty pages of one file, and those that are being written, by index.</summary>
/// <remarks>
/// Linux: the marks PAGECACHE_TAG_DIRTY and PAGECACHE_TAG_WRITEBACK of i_pages; inode.dirtied_when, v6.18. Kept by the
/// kernel beside the page cache, so that the flusher needs to ask nobody.
/// </remarks>
public sealed class FileWrites : IPageIoOwner
{
    private readonly SortedSet<ulong> dirty = [];
    private readonly SortedSet<ulong> writing = [];

    private readonly FilePages files;
    private readonly KernelMemory memory;

    /// <summary>Of a file.</summary>
    public FileWrites(AddressSpace mapping, FilePages files, KernelMemory memory)
    {
        Mapping = mapping;
        this.files = files;
        this.memory = memory;
    }

    /// <summary>The file.</summary>
    public AddressSpace Mapping { get; }

    /// <summary>Since when it has had dirty pages that nobody began to write; of no meaning without any.</summary>
    public long DirtiedNs { get; set; }

    /// <summary>Whether it stands in the list of dirty files.</summary>
    public bool IsListed { get; set; }

    /// <summary>Number of dirty pages.</summary>
    public int DirtyCount => dirty.Count;

    /// <summary>Number of pages being written.</summary>
    public int WritingCount => writing.Count;

    /// <summary>A page is dirty.</summary>
    public void AddDirty(uint index, Pfn page) => dirty.Add(Key(index, page));

    /// <summary>A page is not dirty any more.</summary>
    public void RemoveDirty(uint index, Pfn page) => dirty.Remove(Key(index, page));

    /// <summary>A page is being written.</summary>
    public void AddWriting(uint index, Pfn page) => writing.Add(Key(index, page));

    /// <summary>A page is not being written any more; false if it was not: it has left the file meanwhile.</summary>
    public bool RemoveWriting(uint index, Pfn page) => writing.Remove(Key(index, page));

    /// <summary>Appends the dirty pages from one index on, up to and without another, by index: so many at most.
    /// </summary>
    public void TakeDirty(ulong first, ulong end, int most, List<(uint Index, Pfn Page)> into)
    {
        if (dirty.Count == 0 || first >= end)
            return;
        foreach (ulong key in dirty.GetViewBetween(first << 32, Last(end)))
        {
            if (most-- == 0)
                return;
            into.Add(((uint)(key >> 32), new Pfn((uint)key)));
        }
    }

    /// <summary>The first page being written from one index on, up to and without another; none if there is none.
    /// </summary>
    public Pfn FirstWriting(ulong first, ulong end)
    {
        if (writing.Count == 0 || first >= end)
            return Pfn.None;
        foreach (ulong key in writing.GetViewBetween(first << 32, Last(end)))
            return new Pfn((uint)key);
        return Pfn.None;
    }

    /// <summary>Appends the pages being written from one index on, up to and without another, by index.</summary>
    public void ListWriting(ulong first, ulong end, List<(uint Index, Pfn Page)> into)
    {
        if (first >= end)
            return;
        foreach (ulong key in writing.GetViewBetween(first << 32, Last(end)))
            into.Add(((uint)(key >> 32), new Pfn((uint)key)));
    }

    /// <summary>The file is gone: nothing of it needs to be written.</summary>
    public void Clear()
    {
        dirty.Clear();
        writing.Clear();
    }

    /// <summary>
    /// Pages have reached the disk, or could not be written; those that have left the file meanwhile are of no
    /// interest.
    /// </summary>
    /// <remarks>Linux: fs/ext4/page-io.c: ext4_finish_bio; mm/filemap.c: mapping_set_error, v6.18.</remarks>
    void IPageIoOwner.Finished(PageIo io, long atNs)
    {
        for (int i = 0; i < io.Pages.Count; i++)
        {
            Pfn page = io.Pages[i];
            uint index = memory.Map[page].Index;
            if (!RemoveWriting(index, page))
                continue;
            if (io.Status == IoStatus.Ok)
            {
                files.Store(Mapping.Host!, page);
                files.NoteWritten(Mapping, index);
                int at = (int)((io.Corruption?.Byte ?? 0) & (long)memory.Geometry.PageOffsetMask);
                if (io.Corruption is { } spoilt && spoilt.Byte >> memory.Geometry.PageShift == i)
                    files.Spoil(Mapping, index, at, spoilt.Value);
                continue;
            }

            if (io.Status == IoStatus.Misdirected)
                files.Misdirect(page, io.WrongSector + ((ulong)i * memory.Io!.SectorsPerPage));

            if (io.Status == IoStatus.Error)
                Mapping.NoteWriteError();
            if (io.Status == IoStatus.Error && memory.Io!.KeepsDirty)
                files.MarkDirty(Mapping, page);
            else
                files.NoteLost(Mapping, index);
        }
    }

    private static ulong Last(ulong end) => end > uint.MaxValue ? ulong.MaxValue : (end << 32) - 1;

    private static ulong Key(uint index, Pfn page) => ((ulong)index << 32) | page.Value;
}
