using LinuxMem.Arch.Addresses;
using LinuxMem.Arch.Memory;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.Vfs;

namespace LinuxMem.Mm.Filemap;

/// <content>Pages beside the blocks of the disk that are in memory; pages that get another index or frame.</content>
public sealed partial class FilePages
{
    /// <summary>The blocks of the disk in memory; null on a machine without one.</summary>
    public BufferCache.BufferCache? Buffers { get; set; }

    /// <summary>Hears that pages have got blocks of the disk; null on a machine without one.</summary>
    public BufferCache.MetadataBlocks? Metadata { get; set; }

    /// <summary>Puts what the disk has of a page of a file into a frame.</summary>
    public void Load(Inode inode, uint index, Pfn page)
    {
        if (memory.Ram.Contents == ContentMode.Bytes)
        {
            if (!inode.Store.Read(index, buffer))
                buffer.AsSpan().Clear();
            memory.Ram.WriteBytes(page, 0, buffer);
        }
        else if (memory.Ram.Contents == ContentMode.Tags)
        {
            memory.Ram.WriteWord(page, 0, inode.Store.ReadTag(index));
        }
    }

    /// <summary>Writes bytes of a page of a file to the disk past the cache.</summary>
    public void WritePast(Inode inode, uint index, int offset, ReadOnlySpan<byte> bytes)
    {
        if (!inode.Store.Read(index, buffer))
            buffer.AsSpan().Clear();
        bytes.CopyTo(buffer.AsSpan(offset));
        inode.Store.Write(index, buffer);
    }

    /// <summary>
    /// Gives a clean page that nothing maps another index of its file. Its old contents are gone.
    /// </summary>
    public void Rename(AddressSpace mapping, Pfn page, uint index)
    {
        ref PageFrame frame = ref memory.Map[page];
        changes.Add(new PageInsert(mapping.Id, frame.Index, Pfn.None));
        frame.Index = index;
        frame.Flags |= PageFlags.Uptodate;
        changes.Add(new PageInsert(mapping.Id, index, page));
        Load(mapping.Host!, index, page);
    }

    /// <summary>A page has moved to another frame.</summary>
    public void Replace(AddressSpace mapping, Pfn from, Pfn to)
    {
        uint index = memory.Map[to].Index;
        changes.Add(new PageInsert(mapping.Id, index, Pfn.None));
        changes.Add(new PageInsert(mapping.Id, index, to));
        if ((memory.Map[to].Flags & PageFlags.Dirty) == 0 || mapping.Writes is not { } writes)
            return;
        writes.RemoveDirty(index, from);
        writes.AddDirty(index, to);
    }

    // The block of a page of a file, where the buffer cache has it as such.
    private Pfn BufferOf(AddressSpace mapping, uint index) =>
        Buffers is { HoldsData: true } && mapping.Host is { Kind: InodeKind.Regular } inode
            ? Buffers.FindData(inode, index) : Pfn.None;
}
