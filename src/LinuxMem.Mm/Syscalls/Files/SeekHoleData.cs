using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Vfs;

namespace LinuxMem.Mm.Syscalls.Files;

/// <summary>lseek with SEEK_DATA or SEEK_HOLE on shared memory: data is what has a page.</summary>
/// <remarks>
/// Linux: mm/shmem.c: shmem_file_llseek; mm/filemap.c: mapping_seek_hole_data, v6.18.
/// </remarks>
public static class SeekHoleData
{
    private const uint SeekData = 3;
    private const uint SeekHole = 4;

    /// <summary>Whether a call of lseek is one.</summary>
    public static bool Concerns(CallProgress call) => (uint)call.Request.A2 is SeekData or SeekHole
        && call.Task.Files.Find((uint)call.Request.A0) is { Inode.Kind: InodeKind.Shmem } file
        && (file.Flags & OpenFlags.Path) == 0;

    /// <summary>Moves the position: ENXIO beyond the end, or where no data follow. Precondition: Concerns.</summary>
    public static IEnumerator<PageLookup> Invoke(CallProgress call)
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
        while (index < inode.EndIndex)
        {
            int count = (int)Math.Min(PageLookup.BatchPages, inode.EndIndex - index);
            yield return new PageLookup(inode.Mapping, (uint)index, count);
            int found = 0;
            while (found < count && (call.Pages[found] != 0) != wantsData)
                found++;
            index += (ulong)found;
            if (found < count)
                break;
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
}
