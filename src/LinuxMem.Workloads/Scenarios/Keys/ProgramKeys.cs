using System.Collections.Immutable;
using LinuxMem.Abi;
using LinuxMem.Workloads.Programs;
using LinuxMem.Workloads.Programs.Steps;
using LinuxMem.Workloads.Scenarios.Shapes;

namespace LinuxMem.Workloads.Scenarios.Keys;

/// <summary>The keys that every program has: those of a process and those of exec.</summary>
internal sealed record ProgramKeys(
    Key<string> Name, Key<ImageSpec> Image, Key<ElfSpec?> Elf, Key<OnError> OnError)
{
    /// <summary>The longest command name, as in Linux (TASK_COMM_LEN less the terminating zero).</summary>
    public const int CommCharsMax = 15;

    private const ulong SegmentMax = 1UL << 40;

    private static readonly IReadOnlyList<(string, OnError)> Reactions =
        [("exit", Programs.OnError.Exit), ("ignore", Programs.OnError.Ignore)];

    /// <summary>The keys in their order.</summary>
    public IReadOnlyList<Key> All => [Name, Image, Elf, OnError];

    /// <summary>A new set of keys.</summary>
    public static ProgramKeys Make() => new(
        Key.Required("name", new NameShape(CommCharsMax), "The command name, as ps shows it."),
        Key.Optional("image", ImageShape(), ImageSpec.Default, "The segments to map at the start."),
        Key.Optional<ElfSpec?>("elf", ElfKeys.Shape(), null,
            "The ELF program of the host to load in place of \"image\"; execve lays it out as Linux does."),
        Key.Optional("onError", new ChoiceShape<OnError>(Reactions), Programs.OnError.Exit,
            "What a call that does not go as expected leads to: the process exits with code 1, or goes on."));

    /// <summary>The program from the keys' values.</summary>
    public ProgramSpec Program(KeyValues v, ImmutableArray<Step> steps)
    {
        if (v.Has(Image) && v.Has(Elf))
            v.Fail(Elf, "a program has both \"image\" and \"elf\"; expected one of them");
        return new(v.Get(Name), steps) { Image = v.Get(Image), Elf = v.Get(Elf), OnError = v.Get(OnError) };
    }

    private static Shape<ImageSpec> ImageShape()
    {
        ImageSpec usual = ImageSpec.Default;
        var size = new SizeShape(0, SegmentMax);
        var text = Key.Optional("text", size, usual.TextBytes, "Read-only, executable.");
        var data = Key.Optional("data", size, usual.DataBytes, "Initialised data.");
        var bss = Key.Optional("bss", size, usual.BssBytes, "Zero-filled data; the heap starts behind it.");
        var stack = Key.Optional("stack", new FlagShape(), usual.HasStack, "Whether there is a stack that grows.");
        var shape = new ObjectShape<ImageSpec>("an image", [text, data, bss, stack], v =>
            new ImageSpec(v.Get(text), v.Get(data), v.Get(bss), v.Get(stack)));
        return new NamedShape<ImageSpec>("image", () => shape);
    }
}
