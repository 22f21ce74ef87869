using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Vfs;

namespace LinuxMem.Mm.Syscalls.Files;

/// <summary>Reads what a range of a file lacks into the page cache, because somebody says so.</summary>
/// <remarks>
/// Linux: mm/readahead.c: force_page_cache_ra, v6.18: readahead(2), POSIX_FADV_WILLNEED, MADV_WILLNEED. No more than a
/// full window is read, whatever was asked for.
/// </remarks>
public sealed class ForcedReadahead
{
    private readonly FileServices services;
    private readonly ReadaheadPages readahead;

    /// <summary>With the machine's services.</summary>
    public ForcedReadahead(FileServices services)
    {
        this.services = services;
        readahead = new ReadaheadPages(services.Memory, services.Pages);
    }

    /// <summary>Reads the bytes from an offset on, up to and without another, as far as the file reaches.</summary>
    public IEnumerator<PageLookup> Run(CallProgress call, Inode inode, ulong offset, ulong end)
    {
        if (inode.Kind != InodeKind.Regular || !inode.IsSizeKnown)
            yield break;
        ulong first = offset >> inode.PageShift;
        ulong last = end == ulong.MaxValue ? inode.EndIndex
            : Math.Min(inode.EndIndex, (end + services.Memory.Geometry.PageOffsetMask) >> inode.PageShift);
        last = Math.Min(last, first + readahead.Max);
        while (first < last)
        {
            int count = (int)Math.Min(last - first, PageLookup.BatchPages);
            yield return new PageLookup(inode.Mapping, (uint)first, count);
            readahead.All(inode.Mapping, (uint)first, call.Pages, call.At.Cpu, ref call.Cost);
            first += (ulong)count;
        }
    }
}
