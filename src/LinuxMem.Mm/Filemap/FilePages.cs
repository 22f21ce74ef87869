using LinuxMem.Arch.Addresses;
using LinuxMem.Arch.Memory;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.Stats;
using LinuxMem.Mm.Syscalls;
using LinuxMem.Mm.Vfs;

namespace LinuxMem.Mm.Filemap;

/// <summary>Makes pages of the page cache, with their contents, and takes them out again.</summary>
/// <remarks>
/// Linux: mm/filemap.c: filemap_add_folio, __filemap_remove_folio, v6.18. The page cache itself hears of it with the
/// next question (<see cref="PageInsert"/>): whoever makes a page knows from an answer that there is none.
/// </remarks>
public sealed class FilePages
{
    private readonly KernelMemory memory;
    private readonly List<PageInsert> changes;
    private readonly byte[] buffer;

    /// <summary>Over one machine's memory; changes are added to the list.</summary>
    public FilePages(KernelMemory memory, List<PageInsert> changes)
    {
        this.memory = memory;
        this.changes = changes;
        buffer = new byte[memory.Geometry.PageBytes];
    }

    /// <summary>
    /// Makes a page with what the disk has of it, zeros where that is a hole; none if memory is out. Precondition: the
    /// page cache has none.
    /// </summary>
    public Pfn Add(AddressSpace mapping, uint index, int cpu, ref WorkCost cost)
    {
        FramePlace place = mapping.IsShmem ? FramePlace.Shmem : FramePlace.File;
        bool stored = memory.Ram.Contents == ContentMode.Bytes && mapping.Host is { } host
            && host.Store.Read(index, buffer);
        Pfn page = memory.AllocData(cpu, place, zeroed: !stored, ref cost);
        if (page.IsNone)
            return page;
        if (stored)
            memory.Ram.WriteBytes(page, 0, buffer);
        memory.InitCached(page, mapping, index);
        mapping.Pages++;
        changes.Add(new PageInsert(mapping.Id, index, page));
        return page;
    }

    /// <summary>
    /// Takes a page out; it is freed when nobody refers to it any more. Precondition: nothing maps it.
    /// </summary>
    public void Remove(AddressSpace mapping, Pfn page, int cpu)
    {
        ref PageFrame frame = ref memory.Map[page];
        changes.Add(new PageInsert(mapping.Id, frame.Index, Pfn.None));
        mapping.Pages--;
        CleanFlag(ref frame);
        memory.DropCached(page, cpu);
    }

    /// <summary>Notes that a page differs from the disk.</summary>
    public void MarkDirty(Pfn page)
    {
        ref PageFrame frame = ref memory.Map[page];
        if ((frame.Flags & PageFlags.Dirty) != 0)
            return;
        frame.Flags |= PageFlags.Dirty;
        if (frame.Place == FramePlace.File)
            memory.Stat.Add(VmEvent.NrDirty);
    }

    /// <summary>
    /// Writes a page to the disk. The caller has write-protected it, so that it hears of the next store.
    /// </summary>
    public void WriteBack(Inode inode, Pfn page)
    {
        ref PageFrame frame = ref memory.Map[page];
        if (memory.Ram.Contents == ContentMode.Bytes)
        {
            // What mappings stored behind the end of the file is not written, and gone.
            int tail = (int)(inode.SizeBytes & memory.Geometry.PageOffsetMask);
            if (tail != 0 && inode.SizeBytes >> memory.Geometry.PageShift == frame.Index)
                memory.Ram.WriteBytes(page, tail, new byte[buffer.Length - tail]);
            memory.Ram.ReadBytes(page, 0, buffer);
            inode.Store.Write(frame.Index, buffer);
        }

        CleanFlag(ref frame);
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

    private void CleanFlag(ref PageFrame frame)
    {
        if ((frame.Flags & PageFlags.Dirty) == 0)
            return;
        frame.Flags &= ~PageFlags.Dirty;
        if (frame.Place == FramePlace.File)
            memory.Stat.Add(VmEvent.NrDirty, -1);
    }
}
