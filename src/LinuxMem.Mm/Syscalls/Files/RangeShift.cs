using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Vfs;

namespace LinuxMem.Mm.Syscalls.Files;

/// <summary>
/// Takes a range out of the middle of a file, or puts a hole in: FALLOC_FL_COLLAPSE_RANGE, INSERT_RANGE.
/// </summary>
/// <remarks>
/// Linux: fs/ext4/extents.c: ext4_collapse_range, ext4_insert_range, v6.18. What is cached from the range on is written
/// out first and dropped: the blocks move, the pages are read anew.
/// </remarks>
public sealed class RangeShift
{
    private readonly FileServices services;

    /// <summary>With the machine's services.</summary>
    public RangeShift(FileServices services) => this.services = services;

    /// <summary>Moves what lies behind: EINVAL unless both are whole blocks inside the file, EFBIG.</summary>
    public IEnumerator<PageLookup> Run(CallProgress call, Inode inode, ulong offset, ulong length, bool inserts)
    {
        ulong mask = services.Memory.Geometry.PageOffsetMask;
        bool inside = inserts ? offset < inode.SizeBytes : offset + length < inode.SizeBytes;
        if (((offset | length) & mask) != 0 || !inside)
        {
            call.Fail(Errno.EINVAL);
            yield break;
        }

        if (inserts && length > MappedFile.MaxBytes - inode.SizeBytes)
        {
            call.Fail(Errno.EFBIG);
            yield break;
        }

        ulong first = offset >> inode.PageShift;
        for (var steps = services.Writeback.Run(call, inode, first, ulong.MaxValue); steps.MoveNext();)
            yield return steps.Current;
        services.Cuts.Unmap(inode.Mapping, first, ulong.MaxValue, copiesToo: true, call.At, ref call.Cost);
        call.IsUninterruptible = true;
        // Private copies are gone before the call waits for pages that are being written.
        services.Observer.ObjectCut(inode.Mapping, first, ulong.MaxValue, copiesToo: true);
        for (var steps = services.Cuts.DropFrom(call, inode, offset); steps.MoveNext();)
            yield return steps.Current;
        call.IsUninterruptible = false;
        services.Observer.ObjectCut(inode.Mapping, first, ulong.MaxValue, copiesToo: true);
        services.Memory.Io!.Durability?.Forget(inode.Number, first, ulong.MaxValue);
        ulong pages = length >> inode.PageShift;
        inode.Store.Shift(first, pages, inode.EndIndex, inserts);
        inode.Blocks.Shift(first, pages, inserts);
        inode.SizeBytes = inserts ? inode.SizeBytes + length : inode.SizeBytes - length;
        if (inode.IsOnDisk)
        {
            services.Pages.Buffers?.Forget(inode, first, ulong.MaxValue, call.At.Cpu);
            inode.Extents.Cut(first, ulong.MaxValue);
            services.Names.Objects.Disk!.Place(inode.Extents, (uint)first, (uint)(inode.EndIndex - first));
        }

        call.Return(0);
    }
}
