using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.Vfs;
using LinuxMem.Simulation.Mutants;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Mm.BufferCache;

/// <summary>
/// Blocks of the disk in memory, by their number: metadata of the file system, and with Linux 2.0 what was written to
/// files. They are pages of the disk's own mapping, one block a page, which the page cache has like any others.
/// </summary>
/// <remarks>
/// Linux: fs/buffer.c: __find_get_block, bdev_getblk, v6.18; getblk, refill_freelist, v2.0. The heads are kept by the
/// kernel beside the page cache, as dirty pages are (<see cref="FileWrites"/>), so that neither flusher nor allocation
/// of blocks needs to ask. v2.0 has blocks of 1 KiB as a rule; here a block is a page, as with <c>mke2fs -b</c>.
/// </remarks>
public sealed class BufferCache
{
    private readonly KernelMemory memory;
    private readonly FilePages pages;
    private readonly SharedObjects objects;
    private readonly DiskLayout disk;
    private readonly Dictionary<uint, Head> heads = [];
    private readonly LinkedList<uint> oldestFirst = new();
    private readonly bool isClassic;
    private Inode? device;

    /// <summary>Of the disk that files lie on.</summary>
    public BufferCache(KernelMemory memory, FilePages pages, SharedObjects objects, DiskLayout disk)
    {
        this.memory = memory;
        this.pages = pages;
        this.objects = objects;
        this.disk = disk;
        isClassic = memory.Settings.Kernel == KernelEra.Classic;
    }

    /// <summary>The disk as a file of blocks; made when it is first needed.</summary>
    public Inode Device => device ??= objects.CreateBlockDevice("/dev/" + memory.Settings.Disks[disk.Device].Name,
        disk.Blocks);

    /// <summary>Blocks in memory.</summary>
    public int Count => heads.Count;

    /// <summary>Whether writes to files go through it: the buffer cache of Linux 2.0.</summary>
    public bool HoldsData => isClassic;

    /// <summary>The page of a block; none if it is not in memory.</summary>
    public Pfn Find(uint block) => heads.TryGetValue(block, out Head? head) ? head.Page : Pfn.None;

    /// <summary>
    /// The page of a block, made if it is not there: read from the disk, or (for a block that is written as a whole)
    /// not. None if memory is out. Whether it is being read the caller has to look.
    /// </summary>
    /// <remarks>
    /// Linux 2.0 grows the cache as long as twice the reserve is free, and takes the oldest clean buffer otherwise.
    /// </remarks>
    public Pfn GetBlock(uint block, bool reads, int cpu, ref WorkCost cost, Inode? owner = null, uint index = 0)
    {
        if (heads.TryGetValue(block, out Head? head))
        {
            oldestFirst.Remove(head.Place);
            oldestFirst.AddLast(head.Place);
            memory.Lru?.Touch(head.Page);
            return head.Page;
        }

        AddressSpace mapping = Device.Mapping;
        Pfn page = isClassic && IsTight ? Pfn.None : pages.Add(mapping, block, cpu, ref cost);
        if (page.IsNone && isClassic)
            page = Reuse(block);
        if (page.IsNone && isClassic)
            page = pages.Add(mapping, block, cpu, ref cost);
        if (page.IsNone)
            return page;
        heads.Add(block, new Head(page, oldestFirst.AddLast(block), owner, index));
        memory.BufferPages = heads.Count;
        if (owner is not null)
            pages.Load(owner, index, page);
        if (reads)
            pages.StartRead(mapping, block, page);
        return page;
    }

    /// <summary>Notes that a block differs from the disk.</summary>
    public void MarkDirty(Pfn page) => pages.MarkDirty(Device.Mapping, page);

    /// <summary>The block that a page of a file lies in, if it is in memory as data of that file; else none.</summary>
    public Pfn FindData(Inode inode, uint index)
    {
        if (!isClassic || heads.Count == 0 || !inode.Extents.TryFind(index, out ulong sector))
            return Pfn.None;
        return heads.TryGetValue(disk.BlockOf(sector), out Head? head) && head.Owner == inode && head.Index == index
            ? head.Page : Pfn.None;
    }

    /// <summary>
    /// The page of a file whose data a block in memory is; null for a block of the file system's own.
    /// </summary>
    public (Inode Inode, uint Index)? OwnerOf(uint block) =>
        heads.TryGetValue(block, out Head? head) && head.Owner is { } owner ? (owner, head.Index) : null;

    /// <summary>The blocks of a file's data that are in memory, by their place in the file.</summary>
    public IEnumerable<uint> BlocksOf(Inode inode) => heads.Where(head => head.Value.Owner == inode)
        .OrderBy(head => head.Value.Index).Select(head => head.Key);

    /// <summary>A block that is being written, the oldest first; none if there is none.</summary>
    public Pfn FirstBusy()
    {
        foreach (uint block in oldestFirst)
        {
            if (pages.IsUnderWay(heads[block].Page))
                return heads[block].Page;
        }

        return Pfn.None;
    }

    /// <summary>What a page of a file holds now is what its block holds.</summary>
    public void Update(Inode inode, uint index, Pfn page)
    {
        Pfn buffer = FindData(inode, index);
        if (!buffer.IsNone && buffer != page)
            memory.Ram.CopyData(page, buffer);
    }

    /// <summary>A block has reached the disk: the file whose data it is has it. False if it is no file's.</summary>
    public bool Store(uint block, Pfn page)
    {
        if (!heads.TryGetValue(block, out Head? head) || head.Page != page || head.Owner is null)
            return false;
        pages.Store(head.Owner, head.Index, page);
        return true;
    }

    /// <summary>A page of the disk's mapping has left the page cache.</summary>
    public void Removed(uint block)
    {
        if (!heads.Remove(block, out Head? head))
            return;
        oldestFirst.Remove(head.Place);
        if (memory.Mutant != Mutant.M119)
            memory.BufferPages = heads.Count;
    }

    /// <summary>
    /// Pages of a file lie nowhere any more, from one index on, up to and without another: their blocks are dropped.
    /// </summary>
    /// <remarks>Linux: fs/buffer.c: bforget, v2.0.</remarks>
    public void Forget(Inode inode, ulong first, ulong end, int cpu)
    {
        if (!isClassic || heads.Count == 0)
            return;
        foreach (uint block in BlocksOf(inode).ToArray())
        {
            Head head = heads[block];
            if (head.Index >= first && head.Index < end)
                pages.Remove(Device.Mapping, head.Page, cpu);
        }
    }

    // Whether no page may be taken for a buffer that is not there.
    private bool IsTight =>
        memory.Allocator.FreePagesTotal <= 2 * memory.Allocator.Zones[0].Watermarks.MinPages;

    // Gives the page of the oldest clean block to another.
    private Pfn Reuse(uint block)
    {
        const PageFlags busy = PageFlags.Dirty | PageFlags.Locked | PageFlags.Writeback | PageFlags.Reclaim;
        foreach (uint old in oldestFirst)
        {
            Pfn page = heads[old].Page;
            ref PageFrame frame = ref memory.Map[page];
            if ((frame.Flags & busy) != 0 || frame.RefCount != 1)
                continue;
            Removed(old);
            pages.Rename(Device.Mapping, page, block);
            return page;
        }

        return Pfn.None;
    }

    private sealed record Head(Pfn Page, LinkedListNode<uint> Place, Inode? Owner, uint Index);
}
