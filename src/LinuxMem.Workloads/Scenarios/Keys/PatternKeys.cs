using LinuxMem.Workloads.Patterns;
using LinuxMem.Workloads.Scenarios.Shapes;

namespace LinuxMem.Workloads.Scenarios.Keys;

/// <summary>The keys of access patterns.</summary>
internal static class PatternKeys
{
    private const ulong SizeMax = 1UL << 47;

    /// <summary>A pattern, by its name.</summary>
    public static Shape<PatternSpec> Shape { get; } = new NamedShape<PatternSpec>("pattern", MakeOnce());

    private static Func<Shape<PatternSpec>> MakeOnce()
    {
        var shape = new UnionShape<PatternSpec>("a pattern",
        [
            new("sequential", "One access after the other at a fixed distance.", Sequential()),
            new("uniform", "Every word as likely as every other.",
                new ObjectShape<PatternSpec>("a uniform pattern", [], _ => new UniformSpec())),
            new("zipf", "Pages by Zipf's law: the k-th most popular is hit in proportion to 1 / k^exponent.", Zipf()),
            new("chase", "A fixed random cycle through all pages, as through a linked list.",
                new ObjectShape<PatternSpec>("a pointer chase", [], _ => new ChaseSpec())),
            new("hotCold", "Most accesses go to a small part.", HotCold()),
            new("shift", "A window that moves through the region.", Shift()),
        ]);
        return () => shape;
    }

    private static ObjectShape<PatternSpec> Sequential()
    {
        var stride = Key.Optional("stride", new SizeShape(8, SizeMax, multiple: 8), 8UL,
            "From one access to the next.");
        var backward = Key.Optional("backward", new FlagShape(), false, "From the end to the start.");
        return new("a sequential pattern", [stride, backward], v => new SequentialSpec(v.Get(stride), v.Get(backward)));
    }

    private static ObjectShape<PatternSpec> Zipf()
    {
        var exponent = Key.Optional("exponent", new DecimalShape(ZipfTable.ExponentThousandthsMax), 1000,
            "0 makes all pages equal, 1 is the classic law, more is steeper.");
        return new("a zipf pattern", [exponent], v => new ZipfSpec(v.Context.ZipfTable(v.Get(exponent))));
    }

    private static ObjectShape<PatternSpec> HotCold()
    {
        var hotPercent = Key.Optional("hotPercent", new CountShape(1, 100), 10UL,
            "The hot part's share of the region.");
        var accessPercent = Key.Optional("accessPercent", new CountShape(0, 100), 90UL, "Its share of the accesses.");
        return new("a hot/cold pattern", [hotPercent, accessPercent], v =>
            new HotColdSpec((int)v.Get(hotPercent), (int)v.Get(accessPercent)));
    }

    private static ObjectShape<PatternSpec> Shift()
    {
        var window = Key.Required("window", new SizeShape(8, SizeMax, multiple: 8), "The size of the window.");
        var step = Key.Required("step", new SizeShape(8, SizeMax, multiple: 8), "How far it moves.");
        var every = Key.Required("every", new CountShape(1, 1UL << 62), "After how many accesses it moves.");
        return new("a shift pattern", [window, step, every], v =>
            new ShiftSpec(v.Get(window), v.Get(step), v.Get(every)));
    }
}
