using LinuxMem.Arch.Addresses;
using LinuxMem.Arch.Memory;
using LinuxMem.Mm.Block;
using LinuxMem.Mm.Vfs;
using LinuxMem.Simulation;
using LinuxMem.Simulation.Faults;

namespace LinuxMem.Mm.Filemap;

/// <summary>
/// Cuts the power after every write of a disk and after every promise, in thought: what was promised by then (fsync or
/// msync has returned) must be on the disk, and no write that is still on its way, done in part, may undo it.
/// </summary>
/// <remarks>
/// It keeps its own picture of the disk, made of what was handed to it and is over, and compares contents, not what the
/// kernel believes. A later content of a page is always allowed. What the disk itself has dropped (dm-flakey) is not
/// the kernel's fault, and counted apart.
/// </remarks>
public sealed class DurabilityCheck
{
    private const int ListedMax = 100;
    private readonly KernelMemory memory;
    private readonly Dictionary<(int Device, ulong Sector), Written> disk = [];
    private readonly Dictionary<long, List<(ulong Sector, Written Content)>> underWay = [];
    private readonly SortedDictionary<(int Mapping, uint Index), Promise> promises = [];
    private readonly HashSet<(int Device, ulong Sector)> dropped = [];
    private readonly Dictionary<int, List<(ulong First, ulong End, long Sequence)>> gone = [];
    private readonly Dictionary<int, long> failures = [];
    private readonly List<string> violations = [];
    private readonly byte[] buffer;
    private readonly MediumRecorder? recorder;
    private long sequence;
    private int fileDevice;
    private long cuts, torn, checks, lostByDisk, kept;

    /// <summary>For a machine.</summary>
    /// <param name="memory">Its memory.</param>
    /// <param name="files">Its files.</param>
    /// <param name="keepsMedium">Whether what the disk held at each cut is kept.</param>
    /// <exception cref="ConfigurationException">It keeps no contents to compare.</exception>
    public static DurabilityCheck Of(
        KernelMemory memory, Func<IEnumerable<AddressSpace>> files, bool keepsMedium)
    {
        if (memory.Ram.Contents == ContentMode.None)
            throw new ConfigurationException("power cuts compare contents; set machine.contents to tags or bytes");
        if (keepsMedium && memory.Ram.Contents != ContentMode.Bytes)
            throw new ConfigurationException("a machine starts again from bytes; set machine.contents to bytes");
        return new DurabilityCheck(memory, files, keepsMedium);
    }

    private DurabilityCheck(KernelMemory memory, Func<IEnumerable<AddressSpace>> files, bool keepsMedium)
    {
        this.memory = memory;
        if (keepsMedium)
            recorder = new MediumRecorder(memory, files);
        buffer = new byte[memory.Geometry.PageBytes];
    }

    /// <summary>What was found.</summary>
    public PowerCutResult Result => new(cuts, torn, kept, checks, lostByDisk, violations)
    {
        Medium = recorder?.Medium,
    };

    /// <summary>A write of a file's pages was handed in.</summary>
    internal void Submitted(PageIo io, ulong sector)
    {
        fileDevice = io.Device;
        var contents = new List<(ulong, Written)>();
        for (int i = 0; i < io.Pages.Count; i++)
        {
            ulong at = sector + ((ulong)i * memory.Io!.SectorsPerPage);
            contents.Add((at, new Written(ContentOf(io.Pages[i]), ++sequence)));
            recorder?.Submitted(io.Id, at, io.Pages[i]);
        }

        underWay.Add(io.Id, contents);
    }

    /// <summary>It is over. The power is cut right behind it.</summary>
    internal void Completed(PageIo io, long atNs)
    {
        if (!underWay.Remove(io.Id, out List<(ulong Sector, Written Content)>? contents))
            return;
        if (io is { Status: IoStatus.Error, Owner: FileWrites file })
            failures[file.Mapping.Id] = FailuresOf(file.Mapping) + 1;
        for (int i = 0; i < contents.Count; i++)
        {
            // What was stored while the write was under way is on the disk too: nothing keeps pages stable.
            ulong sector = contents[i].Sector;
            bool isSpoilt = io.Corruption is { } spoilt && spoilt.Byte >> memory.Geometry.PageShift == i;
            if (io.Status == IoStatus.Ok && !isSpoilt)
                disk[(io.Device, sector)] = new Written(ContentOf(io.Pages[i]), ++sequence);
            else if (io.Status != IoStatus.Error)
                dropped.Add((io.Device, sector));
            if (io.Status == IoStatus.Misdirected)
                dropped.Add((io.Device, io.WrongSector + ((ulong)i * memory.Io!.SectorsPerPage)));
        }

        recorder?.Completed(io, sequence, contents.Select(one => one.Sector));
        Cut(io.Device, atNs);
    }

    /// <summary>
    /// A file is to be written: what its pages hold now that are dirty or being written, from one index on, up to and
    /// without another.
    /// </summary>
    internal IReadOnlyList<(uint Index, ulong Content, long Sequence)> Begin(Inode inode, ulong first, ulong end)
    {
        if (inode.Mapping.Writes is not { } writes || !inode.IsOnDisk)
            return [];
        var pages = new List<(uint Index, Pfn Page)>();
        writes.TakeDirty(first, end, int.MaxValue, pages);
        writes.ListWriting(first, end, pages);
        foreach ((_, Pfn page) in pages)
            recorder?.Remember(ContentOf(page), page);
        return [.. pages.Select(page => (page.Index, ContentOf(page.Page), sequence))];
    }

    /// <summary>
    /// All files are to be written: what their pages hold now, and which writes have failed before. sync and syncfs
    /// tell of no failure, so they promise nothing of a file of which one fails meanwhile.
    /// </summary>
    internal IReadOnlyList<FilePromise> BeginAll(IEnumerable<Inode> inodes) => [.. inodes
        .Where(inode => inode is { IsOnDisk: true, Kind: InodeKind.Regular })
        .Select(inode => new FilePromise(inode, FailuresOf(inode.Mapping), Begin(inode, 0, ulong.MaxValue)))];

    /// <summary>They were.</summary>
    internal void KeepAll(IReadOnlyList<FilePromise> files)
    {
        foreach (FilePromise file in files)
        {
            if (FailuresOf(file.Inode.Mapping) == file.Failures)
                Keep(file.Inode, file.Contents);
        }
    }

    /// <summary>It was, and the caller is told so.</summary>
    internal void Keep(Inode inode, IReadOnlyList<(uint Index, ulong Content, long Sequence)> contents)
    {
        foreach ((uint index, ulong content, long at) in contents)
        {
            if (index >= inode.EndIndex || WasForgotten(inode.Number, index, at))
                continue;
            promises[(inode.Number, index)] = new Promise(inode, content, at);
            recorder?.Keep(inode, index, content, at);
            // The power may be cut as soon as the promise is made.
            Check(fileDevice, memory.Io!.NowNs, index, promises[(inode.Number, index)]);
        }

        kept += contents.Count;
    }

    /// <summary>Pages of a file are no part of it any more, or have become a hole.</summary>
    internal void Forget(int mapping, ulong first, ulong end)
    {
        foreach ((int, uint) key in promises.Keys.Where(k => k.Mapping == mapping && k.Index >= first && k.Index < end)
            .ToArray())
            promises.Remove(key);
        if (!gone.TryGetValue(mapping, out List<(ulong First, ulong End, long Sequence)>? ranges))
            gone.Add(mapping, ranges = []);
        ranges.Add((first, end, ++sequence));
        recorder?.Forget(mapping, first, end);
    }

    // Whether it went, and perhaps came back, while it was being written.
    private bool WasForgotten(int mapping, uint index, long since) =>
        gone.TryGetValue(mapping, out List<(ulong First, ulong End, long Sequence)>? ranges)
        && ranges.Exists(range => range.Sequence > since && index >= range.First && index < range.End);

    private void Cut(int device, long atNs)
    {
        cuts++;
        recorder?.Cut(atNs);
        torn += underWay.Values.Sum(contents => contents.Count);
        foreach (((int Mapping, uint Index) page, Promise promise) in promises)
            Check(device, atNs, page.Index, promise);
    }

    private void Check(int device, long atNs, uint index, Promise promise)
    {
        checks++;
        if (!promise.Inode.Extents.TryFind(index, out ulong sector))
            return;
        if (Problem(device, sector, promise) is { } problem && violations.Count < ListedMax)
        {
            violations.Add($"{PowerCutResult.Invariant} violated: with the power cut at {atNs} ns page {index} of "
                + $"{promise.Inode.Mapping.Name} {problem}");
        }
    }

    private long FailuresOf(AddressSpace mapping) => failures.GetValueOrDefault(mapping.Id);

    private string? Problem(int device, ulong sector, Promise promise)
    {
        bool isThere = disk.TryGetValue((device, sector), out Written found)
            && (found.Content == promise.Content || found.Sequence > promise.Sequence);
        if (!isThere && dropped.Contains((device, sector)))
        {
            lostByDisk++;
            return null;
        }

        if (!isThere)
            return "is not as it was synced";
        foreach (List<(ulong Sector, Written Content)> contents in underWay.Values)
        {
            foreach ((ulong at, Written content) in contents)
            {
                if (at == sector && content.Sequence <= promise.Sequence && content.Content != promise.Content)
                    return "can be undone by an older write that is still under way";
            }
        }

        return null;
    }

    private ulong ContentOf(Pfn page)
    {
        if (memory.Ram.Contents != ContentMode.Bytes)
            return memory.Ram.ReadWord(page, 0);
        memory.Ram.ReadBytes(page, 0, buffer);
        ulong hash = 0xcbf29ce484222325;
        foreach (byte b in buffer)
            hash = (hash ^ b) * 0x100000001b3;
        return hash;
    }

    /// <summary>What is to be promised of a file.</summary>
    /// <param name="Inode">The file.</param>
    /// <param name="Failures">Writes of it that had failed before.</param>
    /// <param name="Contents">What its pages held.</param>
    internal sealed record FilePromise(
        Inode Inode, long Failures, IReadOnlyList<(uint Index, ulong Content, long Sequence)> Contents);

    private readonly record struct Written(ulong Content, long Sequence);

    private readonly record struct Promise(Inode Inode, ulong Content, long Sequence);
}
