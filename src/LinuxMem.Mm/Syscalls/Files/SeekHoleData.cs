using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.Vfs;

namespace LinuxMem.Mm.Syscalls.Files;

/// <summary>lseek with SEEK_DATA or SEEK_HOLE: where a file has contents, and where holes.</summary>
/// <remarks>
/// Linux: mm/shmem.c: shmem_file_llseek; fs/ext4/file.c: ext4_llseek; fs/iomap/seek.c; mm/filemap.c:
/// mapping_seek_hole_data, v6.18. Shared memory, and blocks that were allocated and not written, are data where the
/// page cache has them.
/// </remarks>
public sealed class SeekHoleData
{
    private const uint SeekData = 3;
    private const uint SeekHole = 4;
    private readonly FileServices services;

    /// <summary>With the machine's services.</summary>
    public SeekHoleData(FileServices services) => this.services = services;

    /// <summary>Whether a call of lseek is one.</summary>
    public static bool Concerns(CallProgress call) => (uint)call.Request.A2 is SeekData or SeekHole
        && call.Task.Files.Find((uint)call.Request.A0) is { Inode.HasPages: true } file
        && (file.Flags & OpenFlags.Path) == 0;

    /// <summary>Moves the position: ENXIO beyond the end, or where no data follow. Precondition: Concerns.</summary>
    public IEnumerator<PageLookup> Invoke(CallProgress call)
    {
        OpenFile file = call.Task.Files.Find((uint)call.Request.A0)!;
        Inode inode = file.Inode;
        bool wantsData = (uint)call.Request.A2 == SeekData;
        ulong start = call.Request.A1;
        if ((long)start < 0 || start >= inode.SizeBytes)
        {
            call.Fail(Errno.ENXIO);
            yield break;
        }

        ulong index = start >> inode.PageShift;
        bool isFound = false;
        while (!isFound && index < inode.EndIndex)
        {
            BlockState state = StateOf(inode, index, out ulong next);
            if (state != BlockState.Unwritten)
            {
                isFound = state == BlockState.Written == wantsData;
                index = isFound ? index : Math.Min(next, inode.EndIndex);
                continue;
            }

            int count = (int)Math.Min(PageLookup.BatchPages, Math.Min(next, inode.EndIndex) - index);
            yield return new PageLookup(inode.Mapping, (uint)index, count);
            int passed = 0;
            while (passed < count && IsCached(inode, (uint)index + (uint)passed, call.Pages[passed]) != wantsData)
                passed++;
            index += (ulong)passed;
            isFound = passed < count;
        }

        ulong at = Math.Max(start, index << inode.PageShift);
        if (wantsData && at >= inode.SizeBytes)
        {
            call.Fail(Errno.ENXIO);
            yield break;
        }

        file.Position = Math.Min(at, inode.SizeBytes);
        call.Return((long)file.Position);
    }

    // Of shared memory only the page cache knows.
    private static BlockState StateOf(Inode inode, ulong index, out ulong next)
    {
        if (inode.Kind == InodeKind.Regular)
            return inode.Blocks.StateOf(index, out next);
        next = inode.EndIndex;
        return BlockState.Unwritten;
    }

    private bool IsCached(Inode inode, uint index, uint page) => page == 0
        ? FilePages.IsSwapped(inode.Mapping, index)
        : (services.Memory.Map[new LinuxMem.Arch.Addresses.Pfn(page)].Flags & PageFlags.Uptodate) != 0;
}
