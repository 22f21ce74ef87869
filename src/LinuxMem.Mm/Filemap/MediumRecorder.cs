using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.Block;
using LinuxMem.Mm.Vfs;
using LinuxMem.Simulation.Faults;

namespace LinuxMem.Mm.Filemap;

/// <summary>
/// Keeps what the disk of the files held at each cut of the power, so that a machine can start from it.
/// </summary>
internal sealed class MediumRecorder
{
    private readonly KernelMemory memory;
    private readonly Func<IEnumerable<AddressSpace>> files;
    private readonly Dictionary<long, List<(ulong Sector, byte[] Bytes)>> underWay = [];
    private readonly SortedDictionary<(int Mapping, uint Index), Promise> promises = [];
    private readonly Dictionary<ulong, byte[]> remembered = [];

    public MediumRecorder(KernelMemory memory, Func<IEnumerable<AddressSpace>> files)
    {
        this.memory = memory;
        this.files = files;
    }

    public PowerCutMedium Medium { get; } = new();

    /// <summary>A page is on its way to a sector.</summary>
    public void Submitted(long io, ulong sector, Pfn page)
    {
        if (!underWay.TryGetValue(io, out List<(ulong Sector, byte[] Bytes)>? list))
            underWay.Add(io, list = []);
        list.Add((sector, BytesOf(page)));
    }

    /// <summary>A write is over: what the disk made of it.</summary>
    public void Completed(PageIo io, long sequence, IEnumerable<ulong> sectors)
    {
        underWay.Remove(io.Id);
        int i = 0;
        foreach (ulong sector in sectors)
        {
            byte[] bytes = BytesOf(io.Pages[i]);
            bool isSpoilt = io.Corruption is { } spoilt && spoilt.Byte >> memory.Geometry.PageShift == i;
            if (isSpoilt)
                bytes[io.Corruption!.Value.Byte & (long)memory.Geometry.PageOffsetMask] = io.Corruption.Value.Value;
            ulong wrong = io.WrongSector + ((ulong)i * memory.Io!.SectorsPerPage);
            if (io.Status == IoStatus.Ok)
                Medium.Write(sector, sequence, bytes);
            else if (io.Status == IoStatus.Misdirected)
                Medium.Write(wrong, sequence, bytes);
            if (isSpoilt || io.Status is IoStatus.Dropped or IoStatus.Misdirected)
                Medium.Spoil(sector);
            if (io.Status == IoStatus.Misdirected)
                Medium.Spoil(wrong);
            i++;
        }
    }

    /// <summary>Keeps the bytes of a content that may be promised.</summary>
    public void Remember(ulong content, Pfn page) => remembered.TryAdd(content, BytesOf(page));

    /// <summary>A page with that content is promised.</summary>
    public void Keep(Inode inode, uint index, ulong content, long sequence) =>
        promises[(inode.Number, index)] = new Promise(inode, remembered[content], sequence);

    /// <summary>Pages of a file are no part of it any more.</summary>
    public void Forget(int mapping, ulong first, ulong end)
    {
        foreach ((int, uint) key in promises.Keys.Where(k => k.Mapping == mapping && k.Index >= first && k.Index < end)
            .ToArray())
            promises.Remove(key);
    }

    /// <summary>The power is cut.</summary>
    public void Cut(long atNs)
    {
        if (!Medium.HasRoom)
            return;
        var promised = new List<PromiseThen>();
        foreach (((_, uint index), Promise promise) in promises)
        {
            Inode inode = promise.Inode;
            if (inode.Extents.TryFind(index, out ulong sector))
                promised.Add(new PromiseThen(inode.Mapping.Name, index, sector, promise.Bytes, promise.Sequence));
        }

        Medium.Cut(new CutThen(atNs, [.. files().Where(IsKept).Select(FileOf)],
            [.. underWay.OrderBy(io => io.Key).SelectMany(io => io.Value)], promised));
    }

    private static bool IsKept(AddressSpace mapping) =>
        mapping.Host is { IsOnDisk: true, Kind: InodeKind.Regular, IsSizeKnown: true };

    private static FileThen FileOf(AddressSpace mapping)
    {
        Inode inode = mapping.Host!;
        var pages = new List<(uint Index, ulong Sector)>();
        for (uint index = 0; index < inode.EndIndex; index++)
        {
            if (inode.Extents.TryFind(index, out ulong sector))
                pages.Add((index, sector));
        }

        return new FileThen(mapping.Name, inode.SizeBytes, pages);
    }

    private byte[] BytesOf(Pfn page)
    {
        byte[] bytes = new byte[memory.Geometry.PageBytes];
        memory.Ram.ReadBytes(page, 0, bytes);
        return bytes;
    }

    private readonly record struct Promise(Inode Inode, byte[] Bytes, long Sequence);
}
