using LinuxMem.Abi;
using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Syscalls;
using LinuxMem.Mm.Vfs;

namespace LinuxMem.Mm.BufferCache;

/// <summary>The blocks of the file system itself that operations on files read and change.</summary>
/// <remarks>
/// Linux: fs/ext4/inode.c: ext4_iget, ext4_dirty_inode; fs/ext4/ialloc.c: __ext4_new_inode; fs/ext4/mballoc.c:
/// ext4_mb_mark_diskspace_used, v6.18. Directories and the journal are not modelled; what the blocks hold is not
/// either, only that they are read, changed and written. Where memory is out, the block is done without; one that
/// cannot be read is the call's <see cref="CallProgress.ReadError"/>, EIO, and is read again when it is next needed.
/// </remarks>
public sealed class MetadataBlocks
{
    private readonly BufferCache buffers;
    private readonly DiskLayout disk;
    private readonly FilePages pages;

    /// <summary>Of the disk that files lie on.</summary>
    public MetadataBlocks(BufferCache buffers, DiskLayout disk, FilePages pages)
    {
        this.buffers = buffers;
        this.disk = disk;
        this.pages = pages;
    }

    /// <summary>
    /// A file is opened: the first time its inode is read from the disk, or, if it is new, one is taken.
    /// </summary>
    public IEnumerator<PageLookup> Opened(CallProgress call, Inode inode, bool isNew)
    {
        if (!inode.IsOnDisk || inode.IsInodeRead)
            yield break;
        inode.IsInodeRead = true;
        if (isNew)
        {
            uint block = disk.InodeBitmapBlock(inode.Number);
            for (var bitmap = Touch(call, block, dirties: true); bitmap.MoveNext();)
                yield return bitmap.Current;
        }

        for (var table = Touch(call, disk.InodeBlock(inode.Number), isNew); table.MoveNext();)
            yield return table.Current;
        inode.IsInodeRead = call.ReadError == Errno.None;
    }

    /// <summary>A file is written: its inode changes, be it only the time.</summary>
    public IEnumerator<PageLookup> Written(CallProgress call, Inode inode) =>
        Touch(call, disk.InodeBlock(inode.Number), dirties: true);

    /// <summary>
    /// Pages of a file have got blocks: the bitmaps of their groups change, and the group descriptors.
    /// </summary>
    /// <remarks>Nobody waits: a bitmap that has to be read first is changed when it has come.</remarks>
    public void Placed(ExtentMap extents, uint first, uint count, int cpu)
    {
        var cost = default(WorkCost);
        uint last = uint.MaxValue;
        for (uint index = first; index < first + count; index++)
        {
            if (!extents.TryFind(index, out ulong sector))
                continue;
            uint bitmap = disk.BlockBitmapBlock(disk.BlockOf(sector));
            if (bitmap == last)
                continue;
            last = bitmap;
            Change(bitmap, cpu, ref cost);
        }

        Change(DiskLayout.DescriptorBlock, cpu, ref cost);
    }

    private void Change(uint block, int cpu, ref WorkCost cost)
    {
        Pfn page = buffers.GetBlock(block, reads: true, cpu, ref cost);
        if (!page.IsNone)
            buffers.MarkDirty(page);
    }

    private IEnumerator<PageLookup> Touch(CallProgress call, uint block, bool dirties)
    {
        bool waited = false;
        while (true)
        {
            Pfn page = buffers.GetBlock(block, reads: true, call.At.Cpu, ref call.Cost);
            if (page.IsNone)
                yield break;
            if (pages.IsBeingRead(page))
            {
                waited = true;
                call.WaitsFor = page;
                yield return PageLookup.Wait;
                continue;
            }

            if (pages.HasReadError(page))
            {
                if (waited)
                {
                    call.ReadError = Errno.EIO;
                    yield break;
                }

                pages.StartRead(buffers.Device.Mapping, block, page);
                continue;
            }

            if (dirties)
                buffers.MarkDirty(page);
            yield break;
        }
    }
}
