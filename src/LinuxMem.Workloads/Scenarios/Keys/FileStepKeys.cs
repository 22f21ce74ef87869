using LinuxMem.Workloads.Programs.Steps;
using LinuxMem.Workloads.Scenarios.Shapes;

namespace LinuxMem.Workloads.Scenarios.Keys;

/// <summary>The keys of steps that use files.</summary>
internal static class FileStepKeys
{
    private const int PathCharsMax = 255;
    private const ulong FileBytesMax = 1UL << 42;
    private const ulong PartBytesMax = 1UL << 30;
    private const ulong PartBytes = 64 << 10;

    /// <summary>open.</summary>
    public static Shape<Step> Open()
    {
        var path = Key.Required("path", new TextShape(1, PathCharsMax), "The file's path.");
        var name = Key.Required("as", new NameShape(MemoryStepKeys.RegionCharsMax), "A name for later steps.");
        var size = Key.Optional<ulong?>("size", new MaybeShape<ulong>(new SizeShape(0, FileBytesMax)), null,
            "The size of a file that was there before the run, on the disk and not in memory; left out, an empty one "
            + "is made if there is none.");
        return new ObjectShape<Step>("an open step", [path, name, size, Expect(out var expect)], v =>
            new OpenStep(v.Get(path), v.Get(name)) { ExistingBytes = v.Get(size), Expect = v.Get(expect) });
    }

    /// <summary>read and write.</summary>
    public static Shape<Step> Io(bool writes)
    {
        Key<string> file = FileKey();
        var bytes = Key.Required("bytes", new SizeShape(1, FileBytesMax), "How many bytes in all.");
        var part = Key.Optional("part", new SizeShape(1, PartBytesMax), PartBytes, "How many bytes in one call.");
        var sizes = new MaybeShape<ulong>(new SizeShape(0, FileBytesMax));
        var offset = Key.Optional<ulong?>("offset", sizes, null,
            "Where it begins; left out, where the last read or write of the file ended.");
        var random = Key.Optional<ulong?>("randomWithin", sizes, null,
            "The first bytes of the file, in which every part is at a random place; left out, parts are in order.");
        var region = Key.Optional<string?>("region",
            TaskStepKeys.OrNull(new NameShape(MemoryStepKeys.RegionCharsMax)), null,
            "The region whose memory the bytes go to or come from, from its start on; left out, no memory is used.");
        string what = writes ? "a write step" : "a read step";
        return new ObjectShape<Step>(what, [file, bytes, part, offset, random, region], v =>
        {
            if (v.Has(offset) && v.Has(random))
                v.Fail(offset, "\"offset\" is given with \"randomWithin\"; expected one of them");
            return new FileIoStep(v.Get(file), writes, v.Get(bytes), v.Get(part))
            {
                Offset = v.Get(offset),
                Region = v.Get(region),
                RandomWithin = v.Get(random),
            };
        });
    }

    /// <summary>A step that names nothing but its file.</summary>
    public static Shape<Step> Call(FileCall call) => new MapShape<string, Step>(
        new NameShape(MemoryStepKeys.RegionCharsMax), file => new FileCallStep(file, call));

    /// <summary>The file that a step is about.</summary>
    public static Key<string> FileKey() => Key.Required("file", new NameShape(MemoryStepKeys.RegionCharsMax),
        "The name of a file: what an earlier open has as \"as\".");

    private static Key<Abi.Errno> Expect(out Key<Abi.Errno> expect) => expect = StepKeys.Expect();
}
