using System.Runtime.InteropServices;
using LinuxMem.Arch.Addresses;
using LinuxMem.Arch.Memory;
using LinuxMem.Mm.Block;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.Stats;
using LinuxMem.Mm.Swap;
using LinuxMem.Mm.Syscalls;
using LinuxMem.Mm.Vfs;
using LinuxMem.Simulation.Faults;
using LinuxMem.Simulation.Mutants;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Mm.Filemap;

/// <summary>Makes pages of the page cache, with their contents, and takes them out again.</summary>
/// <remarks>
/// Linux: mm/filemap.c: filemap_add_folio, __filemap_remove_folio, v6.18. The page cache itself hears of it with the
/// next question (<see cref="PageInsert"/>): whoever makes a page knows from an answer that there is none.
/// </remarks>
public sealed partial class FilePages
{
    private readonly KernelMemory memory;
    private readonly List<PageInsert> changes;
    private readonly IoQueue io;
    private readonly DiskLayout? disk;
    private readonly List<Pfn> run = [];
    private readonly byte[] buffer;
    private readonly IMmObserver observer;

    /// <summary>Over one machine's memory and the disk of its files; changes are added to the list.</summary>
    public FilePages(
        KernelMemory memory, List<PageInsert> changes, IoQueue io, DiskLayout? disk, IMmObserver observer)
    {
        this.observer = observer;
        this.memory = memory;
        this.io = io;
        this.disk = disk;
        this.changes = changes;
        buffer = new byte[memory.Geometry.PageBytes];
    }

    /// <summary>
    /// Makes a page with what the disk has of it, zeros where that is a hole; none if memory is out. Precondition: the
    /// page cache has none.
    /// </summary>
    public Pfn Add(AddressSpace mapping, uint index, int cpu, ref WorkCost cost)
    {
        if (IsSwapped(mapping, index))
            return ReadSwapped(mapping, index, cpu, ref cost);
        if (memory.FaultSwitch.Fails(FaultSite.XasNomem))
            return Pfn.None;
        FramePlace place = mapping.IsShmem ? FramePlace.Shmem : FramePlace.File;
        bool stored = memory.Ram.Contents == ContentMode.Bytes && mapping.Host is { } host && host.Store.Has(index);
        Pfn page = memory.AllocData(cpu, place, zeroed: !stored, ref cost);
        if (page.IsNone)
            return page;
        Fill(mapping, index, page, isClear: !stored);
        memory.InitCached(page, mapping, index, memory.Shadows.Take(mapping.Id, index));
        Insert(mapping, index, page);
        if (lost.Count > 0 && lost.Remove((mapping.Id, index)))
            Announce(observer, mapping, index, page, 0, buffer.Length);
        return page;
    }

    // What the disk has of a page: zeros where that is a hole.
    private void Fill(AddressSpace mapping, uint index, Pfn page, bool isClear)
    {
        if (memory.Mutant == Mutant.M102 && (index & 3) == 3)
            index--;
        if (memory.Ram.Contents == ContentMode.Bytes && mapping.Host is { } host)
        {
            if (host.Store.Read(index, buffer))
                memory.Ram.WriteBytes(page, 0, buffer);
            else if (!isClear)
                memory.Ram.ClearData(page);
        }
        else if (memory.Ram.Contents == ContentMode.Tags && mapping.Host is { } tagged)
        {
            memory.Ram.WriteWord(page, 0, tagged.Store.ReadTag(index));
        }

        Pfn block = BufferOf(mapping, index);
        if (!block.IsNone)
            memory.Ram.CopyData(block, page);
    }

    /// <summary>
    /// A page whose last read has failed is needed: has it read once more, and says so; false if that was in vain.
    /// </summary>
    public bool TryReread(AddressSpace mapping, uint index, Pfn page)
    {
        if (mapping.Host is not { IsOnDisk: true })
        {
            // Shared memory: whoever wants it next has it read again from swap, and gets it.
            io.ReadErrors.Forget(page);
            memory.Map[page].Flags |= PageFlags.Uptodate;
            return false;
        }

        if (!io.ReadErrors.MayTryAgain(page))
            return false;
        StartRead(mapping, index, page);
        return true;
    }

    /// <summary>Whether the last read of a page has failed.</summary>
    public bool HasReadError(Pfn page) => io.ReadErrors.Has(page);

    /// <summary>Whether a page of shared memory is in swap: <see cref="Add"/> has it read from there.</summary>
    public static bool IsSwapped(AddressSpace mapping, uint index) => mapping.Swapped?.ContainsKey(index) == true;

    /// <summary>A page of shared memory that nothing maps leaves the page cache for the slot that it has got.</summary>
    /// <remarks>Linux: mm/shmem.c: shmem_writeout, v6.18.</remarks>
    public void MoveToSwap(AddressSpace mapping, Pfn page)
    {
        ref PageFrame frame = ref memory.Map[page];
        SwapEntry entry = memory.Swap.EntryOf(page);
        if (memory.Mutant != Mutant.M113)
            memory.Swap.Duplicate(entry);
        (mapping.Swapped ??= []).Add(frame.Index, entry);
        Remove(mapping, page, 0);
        frame.Flags |= PageFlags.Dirty;
    }

    /// <summary>Gives up the pages of shared memory that are in swap, from one index on, up to and without another.
    /// </summary>
    public void DropSwapped(AddressSpace mapping, ulong first, ulong end)
    {
        if (mapping.Swapped is not { Count: > 0 } swapped)
            return;
        foreach (uint index in swapped.Keys.Where(i => i >= first && i < end).ToArray())
        {
            if (memory.Mutant != Mutant.M87)
                memory.Swap.Put(swapped[index]);
            swapped.Remove(index);
        }
    }

    // The slot is given up at once: the page is as good as dirty. Linux: mm/shmem.c: shmem_swapin_folio, v6.18 (which
    // looks into the swap cache first).
    private Pfn ReadSwapped(AddressSpace mapping, uint index, int cpu, ref WorkCost cost)
    {
        if (memory.FaultSwitch.Fails(FaultSite.XasNomem))
            return Pfn.None;
        SwapEntry entry = mapping.Swapped![index];
        Pfn page = memory.AllocData(cpu, FramePlace.Shmem, zeroed: false, ref cost, memory.Groups?.PayerOf(entry));
        if (page.IsNone)
            return page;
        mapping.Swapped.Remove(index);
        memory.Swap.Store.Read(entry, page);
        memory.InitCached(page, mapping, index, memory.Shadows.Take(entry));
        Insert(mapping, index, page);
        SwapAreaSettings area = memory.Swap.Areas[entry.Area];
        io.Read(area.Device, area.FirstSector + ((ulong)entry.Slot * io.SectorsPerPage), page);
        memory.Count(page, VmEvent.PswpIn);
        memory.Swap.Put(entry);
        return page;
    }

    private void Insert(AddressSpace mapping, uint index, Pfn page)
    {
        mapping.Pages++;
        memory.Locks.ChangesPageCache(mapping);
        changes.Add(new PageInsert(mapping.Id, index, page));
    }

    /// <summary>The files with dirty pages, where there is a disk.</summary>
    public DirtyFiles Dirty { get; } = new();

    /// <summary>Whether a page is being read: it may be looked at when that is over.</summary>
    public bool IsBeingRead(Pfn page) => (memory.Map[page].Flags & PageFlags.Locked) != 0;

    /// <summary>Whether a page is being read or written.</summary>
    public bool IsUnderWay(Pfn page) => io.IsUnderWay(page);

    /// <summary>Has a page that was just made read from the disk, where it lies on one.</summary>
    public void StartRead(AddressSpace mapping, uint index, Pfn page)
    {
        // What a read that failed has left in it is junk.
        if (!page.IsNone && io.ReadErrors.Has(page))
            Fill(mapping, index, page, isClear: false);
        if (!page.IsNone && mapping.Host is { IsOnDisk: true } inode && inode.Extents.TryFind(index, out ulong sector)
            && BufferOf(mapping, index).IsNone)
            io.Read(disk!.Device, sector, page);
    }

    /// <summary>The same for several, by index: what lies in a row is one I/O.</summary>
    /// <remarks>Linux: fs/mpage.c: mpage_readahead, v6.18. Holes are zeros at once.</remarks>
    public void StartReads(AddressSpace mapping, List<(uint Index, Pfn Page)> pages)
    {
        if (mapping.Host is not { IsOnDisk: true } inode)
            return;
        ulong start = 0;
        ulong next = 0;
        foreach ((uint index, Pfn page) in pages)
        {
            if (!inode.Extents.TryFind(index, out ulong sector) || !BufferOf(mapping, index).IsNone)
                continue;
            if (run.Count > 0 && (sector != next || run.Count == disk!.RunPagesMax))
                SubmitRun(BlockOp.Read, start, null);
            if (run.Count == 0)
                start = sector;
            run.Add(page);
            next = sector + disk!.SectorsPerPage;
        }

        SubmitRun(BlockOp.Read, start, null);
    }

    /// <summary>
    /// Begins to write dirty pages of a file, by index. Pages that lie nowhere get their place now. The caller has
    /// write-protected them, so that it hears of the next store.
    /// </summary>
    /// <remarks>Linux: fs/ext4/inode.c: ext4_do_writepages; mm/page-writeback.c: folio_start_writeback, v6.18.
    /// </remarks>
    public void StartWrites(AddressSpace mapping, List<(uint Index, Pfn Page)> pages)
    {
        IPageIoOwner owner = mapping.Writes!;
        ExtentMap extents = mapping.Host!.Extents;
        for (int i = 0; i < pages.Count;)
        {
            uint first = pages[i].Index;
            uint count = 0;
            for (; i < pages.Count && pages[i].Index == first + count && !extents.TryFind(pages[i].Index, out _); i++)
                count++;
            if (count == 0)
            {
                i++;
                continue;
            }

            disk!.Place(extents, first, count);
            Metadata?.Placed(extents, first, count, 0);
        }

        ulong start = 0;
        ulong next = 0;
        foreach ((uint index, Pfn page) in pages)
        {
            extents.TryFind(index, out ulong sector);
            if (run.Count > 0 && (sector != next || run.Count == disk!.RunPagesMax))
                SubmitRun(BlockOp.Write, start, owner);
            if (run.Count == 0)
                start = sector;
            run.Add(page);
            next = sector + disk!.SectorsPerPage;
            CleanFlag(mapping, page);
            memory.Locks.ChangesPageCache(mapping); // the tags of its tree
            mapping.Writes!.AddWriting(index, page);
        }

        SubmitRun(BlockOp.Write, start, owner);
    }

    /// <summary>
    /// Takes a page out; it is freed when nobody refers to it any more. Precondition: nothing maps it.
    /// </summary>
    public void Remove(AddressSpace mapping, Pfn page, int cpu)
    {
        ref PageFrame frame = ref memory.Map[page];
        changes.Add(new PageInsert(mapping.Id, frame.Index, Pfn.None));
        memory.Locks.ChangesPageCache(mapping);
        mapping.Folios?.Dissolve(frame.Index);
        mapping.Pages--;
        if (mapping.Host is { Kind: InodeKind.BlockDevice })
            Buffers!.Removed(frame.Index);
        CleanFlag(mapping, page);
        mapping.Writes?.RemoveWriting(frame.Index, page);
        memory.DropCached(page, cpu);
    }

    /// <summary>What a page holds need not be written any more.</summary>
    public void Discard(AddressSpace mapping, Pfn page) => CleanFlag(mapping, page);

    /// <summary>Notes that a page differs from the disk.</summary>
    public void MarkDirty(AddressSpace mapping, Pfn page)
    {
        ref PageFrame frame = ref memory.Map[page];
        if ((frame.Flags & PageFlags.Dirty) != 0)
            return;
        frame.Flags |= PageFlags.Dirty;
        if (frame.Place != FramePlace.File)
            return;
        memory.Stat.Add(VmEvent.NrDirty);
        memory.Stat.Add(VmEvent.NrDirtied);
        mapping.Host?.Blocks.Write(frame.Index);
        if (mapping.Host is not { IsOnDisk: true })
            return;
        FileWrites writes = mapping.Writes ??= new FileWrites(mapping, this, memory);
        writes.AddDirty(frame.Index, page);
        Dirty.Add(writes, io.NowNs);
    }

    /// <summary>
    /// Writes a page to the disk. The caller has write-protected it, so that it hears of the next store.
    /// </summary>
    public void WriteBack(Inode inode, Pfn page)
    {
        Store(inode, page);
        CleanFlag(inode.Mapping, page);
    }

    /// <summary>Gives the disk what a page holds.</summary>
    public void Store(Inode inode, Pfn page)
    {
        uint index = memory.Map[page].Index;
        if (inode.Kind != InodeKind.BlockDevice || !Buffers!.Store(index, page))
            Store(inode, index, page);
        // What was stored through a mapping is on the disk now, and not before: a clean block does not differ from it.
        if (inode.Kind == InodeKind.Regular && Buffers is { HoldsData: true })
            Buffers.Update(inode, index, page);
    }

    /// <summary>Gives the disk what a frame holds as a page of a file.</summary>
    public void Store(Inode inode, uint index, Pfn page)
    {
        if (memory.Ram.Contents == ContentMode.Bytes)
        {
            // What mappings stored behind the end of the file is not written, and gone.
            int tail = (int)(inode.SizeBytes & memory.Geometry.PageOffsetMask);
            if (tail != 0 && inode.SizeBytes >> memory.Geometry.PageShift == index)
                memory.Ram.WriteBytes(page, tail, new byte[buffer.Length - tail]);
            memory.Ram.ReadBytes(page, 0, buffer);
            inode.Store.Write(index, buffer);
        }
        else if (memory.Ram.Contents == ContentMode.Tags)
        {
            inode.Store.WriteTag(index, memory.Ram.ReadWord(page, 0));
        }
    }

    /// <summary>Tells the observer what a part of a page holds now.</summary>
    public void Announce(IMmObserver observer, AddressSpace mapping, uint index, Pfn page, int offset, int length)
    {
        ulong start = (ulong)index << memory.Geometry.PageShift;
        if (memory.Ram.Contents == ContentMode.Tags)
            observer.ObjectStored(mapping, start, memory.Ram.ReadWord(page, 0));
        if (memory.Ram.Contents != ContentMode.Bytes)
            return;
        for (int word = offset & ~7; word < offset + length; word += 8)
            observer.ObjectStored(mapping, start + (ulong)word, memory.Ram.ReadWord(page, word));
    }

    /// <summary>Tells the observer that a part of a page holds zeros now, whatever it really holds.</summary>
    public void AnnounceZeros(
        IMmObserver observer, AddressSpace mapping, uint index, Pfn page, int offset, int length)
    {
        ulong start = (ulong)index << memory.Geometry.PageShift;
        if (memory.Ram.Contents == ContentMode.Tags)
            observer.ObjectStored(mapping, start, 0);
        if (memory.Ram.Contents != ContentMode.Bytes)
            return;
        for (int word = offset & ~7; word < offset + length; word += 8)
        {
            bool isWhole = word >= offset && word + 8 <= offset + length;
            observer.ObjectStored(mapping, start + (ulong)word, isWhole ? 0 : memory.Ram.ReadWord(page, word));
        }
    }

    private void SubmitRun(BlockOp op, ulong sector, IPageIoOwner? owner)
    {
        if (run.Count == 0)
            return;
        io.Submit(disk!.Device, op, sector, CollectionsMarshal.AsSpan(run), owner);
        run.Clear();
    }

    private void CleanFlag(AddressSpace mapping, Pfn page)
    {
        ref PageFrame frame = ref memory.Map[page];
        if ((frame.Flags & PageFlags.Dirty) == 0)
            return;
        frame.Flags &= ~PageFlags.Dirty;
        mapping.Writes?.RemoveDirty(frame.Index, page);
        if (frame.Place == FramePlace.File)
            memory.Stat.Add(VmEvent.NrDirty, -1);
    }
}
