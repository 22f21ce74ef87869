using LinuxMem.Arch.Addresses;
using LinuxMem.Arch.Memory;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.Vfs;

namespace LinuxMem.Mm.Filemap;

/// <content>Disks that spoil data, or write them somewhere else. Nobody is told but the audit.</content>
public sealed partial class FilePages
{
    /// <summary>The disk holds another byte than was written; it comes back when the page has left memory.</summary>
    public void Spoil(AddressSpace mapping, uint index, int at, byte value)
    {
        if (memory.Ram.Contents == ContentMode.None || mapping.Host is not { } inode
            || !BufferOf(mapping, index).IsNone)
            return;
        if (memory.Ram.Contents == ContentMode.Tags)
        {
            inode.Store.WriteTag(index, WithByte(inode.Store.ReadTag(index), at, value));
        }
        else
        {
            if (!inode.Store.Read(index, buffer))
                Array.Clear(buffer);
            buffer[at] = value;
            inode.Store.Write(index, buffer);
        }

        NoteLost(mapping, index);
    }

    /// <summary>A page of a file was read, and a byte is not what the disk holds.</summary>
    public void SpoiltInMemory(AddressSpace? mapping, Pfn page, int at, byte value)
    {
        if (memory.Ram.Contents == ContentMode.None || memory.Map[page].Place != FramePlace.File
            || mapping is not { Host.IsOnDisk: true, Host.Kind: not InodeKind.BlockDevice })
            return;
        uint index = memory.Map[page].Index;
        if (!BufferOf(mapping, index).IsNone)
            return;
        int word = memory.Ram.Contents == ContentMode.Tags ? 0 : at & ~7;
        memory.Ram.WriteWord(page, word, WithByte(memory.Ram.ReadWord(page, word), at, value));
        NoteLost(mapping, index);
        Announce(observer, mapping, index, page, word, sizeof(ulong));
    }

    /// <summary>
    /// A page of a file was written to another place: if a page of a file is there, its disk holds what this frame
    /// does.
    /// </summary>
    public void Misdirect(Pfn page, ulong sector)
    {
        foreach (AddressSpace mapping in (Objects?.Invoke() ?? []).Where(
            one => one.Host is { IsOnDisk: true, Kind: not InodeKind.BlockDevice }))
        {
            if (!mapping.Host!.Extents.TryFindPage(sector, out uint index) || !BufferOf(mapping, index).IsNone)
                continue;
            Store(mapping.Host, index, page);
            NoteLost(mapping, index);
            return;
        }
    }

    /// <summary>Every object that has pages; set once, at boot.</summary>
    public Func<IEnumerable<AddressSpace>>? Objects { get; set; }

    private static ulong WithByte(ulong word, int at, byte value)
    {
        int shift = (at & 7) * 8;
        return (word & ~(0xfful << shift)) | ((ulong)value << shift);
    }
}
