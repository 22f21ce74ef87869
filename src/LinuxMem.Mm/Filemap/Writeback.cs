using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.Syscalls;
using LinuxMem.Mm.Vfs;

namespace LinuxMem.Mm.Filemap;

/// <summary>Writes dirty pages of files to the disk: fsync, msync, sync_file_range.</summary>
/// <remarks>
/// Linux: mm/page-writeback.c: write_cache_pages, folio_clear_dirty_for_io; mm/rmap.c: folio_mkclean, v6.18. A page
/// that was written is read-only again in every shared mapping: the next store to it is a fault.
/// </remarks>
public sealed class Writeback
{
    private readonly KernelMemory memory;
    private readonly FilePages files;
    private readonly MappingCut cuts;

    /// <summary>Over one machine's memory.</summary>
    public Writeback(KernelMemory memory, FilePages files, MappingCut cuts)
    {
        this.memory = memory;
        this.files = files;
        this.cuts = cuts;
    }

    /// <summary>
    /// Writes the dirty pages from one index on, up to and without another. Shared memory has no disk: nothing is done.
    /// </summary>
    public IEnumerator<PageLookup> Run(CallProgress call, Inode inode, ulong first, ulong end)
    {
        while (inode.Kind == InodeKind.Regular && inode.Mapping.Pages > 0 && first < end && first <= uint.MaxValue)
        {
            yield return new PageLookup(inode.Mapping, (uint)first, PageLookup.BatchPages, Present: true);
            int count = 0;
            for (; count < call.Pages.Length && call.Pages[count] != 0; count++)
            {
                var page = new Pfn(call.Pages[count]);
                PageFrame frame = memory.Map[page];
                if (frame.Index >= end)
                    yield break;
                first = frame.Index + 1UL;
                if ((frame.Flags & PageFlags.Dirty) == 0)
                    continue;
                if (frame.MapCount > 0)
                    cuts.WriteProtect(inode.Mapping, frame.Index, first, call.At, ref call.Cost);
                files.WriteBack(inode, page);
            }

            if (count < PageLookup.BatchPages)
                yield break;
        }
    }
}
