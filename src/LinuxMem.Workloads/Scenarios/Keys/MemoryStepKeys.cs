using LinuxMem.Abi;
using LinuxMem.Workloads.Programs;
using LinuxMem.Workloads.Programs.Steps;
using LinuxMem.Workloads.Scenarios.Shapes;

namespace LinuxMem.Workloads.Scenarios.Keys;

/// <summary>The keys of steps that change the address space.</summary>
internal static class MemoryStepKeys
{
    /// <summary>The longest name of a region.</summary>
    public const int RegionCharsMax = 32;

    private const ProtFlags ReadWrite = ProtFlags.Read | ProtFlags.Write;
    private const ulong SizeMax = ulong.MaxValue;

    private static readonly IReadOnlyList<(string, ProtFlags)> Prots =
    [
        ("none", ProtFlags.None), ("r", ProtFlags.Read), ("w", ProtFlags.Write), ("x", ProtFlags.Exec),
        ("rw", ReadWrite),
        ("rx", ProtFlags.Read | ProtFlags.Exec), ("wx", ProtFlags.Write | ProtFlags.Exec),
        ("rwx", ReadWrite | ProtFlags.Exec),
    ];

    /// <summary>The region that a step is about.</summary>
    public static Key<string> RegionKey() => Key.Required("region", new NameShape(RegionCharsMax),
        "The name of a region: text, data, bss, heap, stack, or what an earlier mmap has as \"as\".");

    /// <summary>mmap.</summary>
    public static Shape<Step> Mmap()
    {
        var length = Key.Required("length", new SizeShape(0, SizeMax), "How many bytes to map.");
        var name = Key.Optional<string?>("as", new MapShape<string, string?>(new NameShape(RegionCharsMax), n => n),
            null,
            "A name for the region, for later steps.");
        var prot = Key.Optional("prot", new ChoiceShape<ProtFlags>(Prots), ReadWrite, "Protection.");
        var at = Key.Optional("at", new AddressShape(), 0UL, "An address: a hint, or a must with \"fixed\".");
        (Key<bool> Key, MapFlags Flag)[] flags =
        [
            (Flag("shared", "Shared with children, not copied on write."), MapFlags.Shared),
            (Flag("fixed", "Exactly at \"at\", in place of what is there."), MapFlags.Fixed),
            (Flag("fixedNoReplace", "Exactly at \"at\"; EEXIST if something is there."), MapFlags.FixedNoReplace),
            (Flag("populate", "Faults the pages in at once."), MapFlags.Populate),
            (Flag("noReserve", "No commit charge."), MapFlags.NoReserve),
            (Flag("locked", "Locked in memory."), MapFlags.Locked),
            (Flag("growsDown", "Grows down like a stack."), MapFlags.GrowsDown),
            (Flag("droppable", "Private memory that may become zeros when memory is short."), MapFlags.Droppable),
        ];
        var file = Key.Optional<string?>("file", TaskStepKeys.OrNull(new NameShape(RegionCharsMax)), null,
            "The file to map: what an earlier open has as \"as\"; left out, anonymous memory.");
        var offset = Key.Optional("offset", new SizeShape(0, SizeMax), 0UL, "Where in the file it begins.");
        Key<Errno> expect = StepKeys.Expect();
        Key[] keys = [length, name, prot, at, file, offset, .. flags.Select(f => f.Key), expect];
        return new ObjectShape<Step>("an mmap step", keys, v =>
        {
            MapFlags set = MapFlags.None;
            foreach ((Key<bool> key, MapFlags flag) in flags)
                set |= v.Get(key) ? flag : MapFlags.None;
            if (set.HasFlag(MapFlags.Shared | MapFlags.Droppable))
                v.Fail("an mmap step is both \"shared\" and \"droppable\"; expected one of them");
            if ((set & (MapFlags.Shared | MapFlags.Droppable)) == 0)
                set |= MapFlags.Private;
            if (v.Get(name) is { } region && RegionTable.Fixed.Contains(region))
                v.Fail(name, $"\"as\" is \"{region}\", which every program has already; expected another name");
            return new MmapStep(v.Get(length), v.Get(name))
            {
                Prot = v.Get(prot),
                Flags = set,
                Address = v.Get(at),
                File = v.Get(file),
                FileOffset = v.Get(offset),
                Expect = v.Get(expect),
            };
        });
    }

    /// <summary>munmap.</summary>
    public static Shape<Step> Munmap()
    {
        (Key<string> region, Key<ulong> offset, Key<ulong?> length) = Range();
        Key<Errno> expect = StepKeys.Expect();
        return new ObjectShape<Step>("a munmap step", [region, offset, length, expect], v =>
            new MunmapStep(v.Get(region), v.Get(offset), v.Get(length)) { Expect = v.Get(expect) });
    }

    /// <summary>mprotect.</summary>
    public static Shape<Step> Mprotect()
    {
        (Key<string> region, Key<ulong> offset, Key<ulong?> length) = Range();
        var prot = Key.Required("prot", new ChoiceShape<ProtFlags>(Prots), "The new protection.");
        Key<Errno> expect = StepKeys.Expect();
        return new ObjectShape<Step>("an mprotect step", [region, offset, length, prot, expect], v =>
            new MprotectStep(v.Get(region), v.Get(prot), v.Get(offset), v.Get(length)) { Expect = v.Get(expect) });
    }

    /// <summary>madvise.</summary>
    public static Shape<Step> Madvise()
    {
        (Key<string> region, Key<ulong> offset, Key<ulong?> length) = Range();
        var advice = Key.Required("advice",
            new ChoiceShape<Advice>([.. Enum.GetValues<Advice>().Select(a => (NameOf(a), a))]),
            "What is advised: the name of madvise(2) without MADV_, in small letters.");
        Key<Errno> expect = StepKeys.Expect();
        return new ObjectShape<Step>("a madvise step", [region, offset, length, advice, expect], v =>
            new MadviseStep(v.Get(region), v.Get(advice), v.Get(offset), v.Get(length)) { Expect = v.Get(expect) });
    }

    /// <summary>brk.</summary>
    public static Shape<Step> Brk()
    {
        var size = new MaybeShape<ulong>(new SizeShape(1, long.MaxValue));
        var grow = Key.Optional<ulong?>("grow", size, null, "How far to move the break up.");
        var shrink = Key.Optional<ulong?>("shrink", size, null, "How far to move the break down.");
        var expect = Key.Optional("expect", new ChoiceShape<Errno>([("ENOMEM", Errno.ENOMEM)]), Errno.None,
            "ENOMEM if the call is to be refused.");
        return new ObjectShape<Step>("a brk step", [grow, shrink, expect], v =>
        {
            if (v.Has(grow) == v.Has(shrink))
            {
                string found = v.Has(grow) ? "both \"grow\" and" : "neither \"grow\" nor";
                v.Fail($"a brk step has {found} \"shrink\"; expected one of them");
            }

            return new BrkStep((long)(v.Get(grow) ?? 0) - (long)(v.Get(shrink) ?? 0)) { Expect = v.Get(expect) };
        });
    }

    private static string NameOf(Advice advice) => advice switch
    {
        Advice.PopulateRead => "populate_read",
        Advice.PopulateWrite => "populate_write",
        Advice.DontNeedLocked => "dontneed_locked",
        Advice.SoftOffline => "soft_offline",
        Advice.GuardInstall => "guard_install",
        Advice.GuardRemove => "guard_remove",
        _ => advice.ToString().ToLowerInvariant(),
    };

    private static Key<bool> Flag(string name, string description) =>
        Key.Optional(name, new FlagShape(), false, description);

    internal static (Key<string> Region, Key<ulong> Offset, Key<ulong?> Length) Range() => (
        RegionKey(),
        Key.Optional("offset", new SizeShape(0, SizeMax), 0UL, "Where in the region it begins."),
        Key.Optional<ulong?>("length", new MaybeShape<ulong>(new SizeShape(0, SizeMax)), null,
            "How many bytes; left out, to the end of the region."));
}
