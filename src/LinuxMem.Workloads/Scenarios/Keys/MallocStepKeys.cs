using LinuxMem.Abi;
using LinuxMem.Workloads.Programs;
using LinuxMem.Workloads.Programs.Steps;
using LinuxMem.Workloads.Scenarios.Shapes;

namespace LinuxMem.Workloads.Scenarios.Keys;

/// <summary>The keys of steps that the C library's allocator carries out.</summary>
internal static class MallocStepKeys
{
    /// <summary>malloc, calloc.</summary>
    public static Shape<Step> Allocate(bool clears)
    {
        var size = Key.Required("size", new SizeShape(0, ulong.MaxValue), "How many bytes.");
        var name = Key.Optional<string?>("as",
            new MapShape<string, string?>(new NameShape(MemoryStepKeys.RegionCharsMax), n => n), null,
            "A name for the block, for later steps: it is a region like others.");
        Key<Errno> expect = Expect(("ENOMEM", Errno.ENOMEM));
        return new ObjectShape<Step>(clears ? "a calloc step" : "a malloc step", [size, name, expect], v =>
        {
            if (v.Get(name) is { } region && RegionTable.Fixed.Contains(region))
                v.Fail(name, $"\"as\" is \"{region}\", which every program has already; expected another name");
            return new AllocateStep(v.Get(size), v.Get(name), clears) { Expect = v.Get(expect) };
        });
    }

    /// <summary>realloc.</summary>
    public static Shape<Step> Realloc()
    {
        Key<string> region = MemoryStepKeys.RegionKey();
        var size = Key.Required("size", new SizeShape(1, ulong.MaxValue), "How many bytes it is to hold.");
        Key<Errno> expect = Expect(("ENOMEM", Errno.ENOMEM), ("EINVAL", Errno.EINVAL));
        return new ObjectShape<Step>("a realloc step", [region, size, expect], v =>
            new ReallocStep(v.Get(region), v.Get(size)) { Expect = v.Get(expect) });
    }

    /// <summary>free.</summary>
    public static Shape<Step> Free()
    {
        Key<string> region = MemoryStepKeys.RegionKey();
        Key<Errno> expect = Expect(("EINVAL", Errno.EINVAL));
        return new ObjectShape<Step>("a free step", [region, expect], v =>
            new FreeStep(v.Get(region)) { Expect = v.Get(expect) });
    }

    private static Key<Errno> Expect(params (string, Errno)[] errors) =>
        Key.Optional("expect", new ChoiceShape<Errno>(errors), Errno.None,
            "ENOMEM if memory is to be out; EINVAL if the task has no such block, for which the library would abort.");
}
