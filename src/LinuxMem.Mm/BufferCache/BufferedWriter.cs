using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.Syscalls;
using LinuxMem.Mm.Vfs;

namespace LinuxMem.Mm.BufferCache;

/// <summary>
/// Writes files as Linux 2.0 did: into the buffer cache, and into the page cache too if that has the page.
/// </summary>
/// <remarks>
/// Linux: fs/ext2/file.c: ext2_file_write; mm/filemap.c: update_vm_cache, v2.0. A page that is read afterwards comes to
/// the page cache as well: the same data lies in memory twice.
/// </remarks>
public sealed class BufferedWriter
{
    private readonly KernelMemory memory;
    private readonly FilePages pages;
    private readonly BufferCache buffers;
    private readonly MetadataBlocks metadata;
    private readonly DiskLayout disk;
    private readonly Flusher flusher;

    /// <summary>Of the disk that files lie on.</summary>
    public BufferedWriter(KernelMemory memory, FilePages pages, BufferCache buffers, MetadataBlocks metadata,
        DiskLayout disk, Flusher flusher)
    {
        this.memory = memory;
        this.pages = pages;
        this.buffers = buffers;
        this.metadata = metadata;
        this.disk = disk;
        this.flusher = flusher;
    }

    /// <summary>
    /// Writes bytes of one page of a file. Where no page is to be had for a buffer, it waits for one that is being
    /// written; without any, the bytes go past the cache.
    /// </summary>
    public IEnumerator<PageLookup> Put(CallProgress call, IMmObserver observer, Inode inode, uint index, int offset,
        ReadOnlyMemory<byte> bytes)
    {
        inode.Blocks.Write(index);
        bool isNew = !inode.Extents.TryFind(index, out ulong sector);
        if (isNew)
        {
            disk.Place(inode.Extents, index, 1);
            metadata.Placed(inode.Extents, index, 1, call.At.Cpu);
            inode.Extents.TryFind(index, out sector);
        }

        bool reads = !isNew && bytes.Length < 1 << inode.PageShift;
        while (true)
        {
            yield return new PageLookup(inode.Mapping, index, 1);
            var cached = new Pfn(call.Pages[0]);
            Pfn buffer = buffers.GetBlock(disk.BlockOf(sector), reads && cached.IsNone, call.At.Cpu, ref call.Cost,
                inode, index);
            Pfn busy = BusyOf(cached, buffer);
            if (busy.IsNone)
            {
                Store(observer, inode, index, cached, buffer, offset, bytes.Span);
                flusher.WakeIfMany(call.At.NowNs);
                yield break;
            }

            call.WaitsFor = busy;
            yield return PageLookup.Wait;
        }
    }

    // What has to be waited for before the bytes can be stored.
    private Pfn BusyOf(Pfn cached, Pfn buffer)
    {
        if (!cached.IsNone && pages.IsBeingRead(cached))
            return cached;
        if (buffer.IsNone)
            return buffers.FirstBusy();
        return pages.IsBeingRead(buffer) ? buffer : Pfn.None;
    }

    private void Store(IMmObserver observer, Inode inode, uint index, Pfn cached, Pfn buffer, int offset,
        ReadOnlySpan<byte> bytes)
    {
        if (!cached.IsNone)
            memory.Ram.WriteBytes(cached, offset, bytes);
        if (buffer.IsNone)
        {
            pages.WritePast(inode, index, offset, bytes);
            return;
        }

        if (cached.IsNone)
            memory.Ram.WriteBytes(buffer, offset, bytes);
        else
            memory.Ram.CopyData(cached, buffer);
        memory.Map[buffer].Flags |= PageFlags.Uptodate;
        buffers.MarkDirty(buffer);
        pages.Announce(observer, inode.Mapping, index, buffer, offset, bytes.Length);
    }
}
