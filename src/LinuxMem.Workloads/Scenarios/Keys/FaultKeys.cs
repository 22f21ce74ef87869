using System.Collections.Immutable;
using System.Globalization;
using LinuxMem.Simulation;
using LinuxMem.Simulation.Faults;
using LinuxMem.Workloads.Scenarios.Shapes;

namespace LinuxMem.Workloads.Scenarios.Keys;

/// <summary>The keys of what is injected: a key for every fault point, and those of the whole run.</summary>
internal static class FaultKeys
{
    private const int DecisionsMax = 100_000;
    private const int PatternCharsMax = 64;

    private static readonly IReadOnlyList<(string, FailNthMode)> Modes =
        [("once", FailNthMode.Once), ("and-after", FailNthMode.AndAfter)];

    /// <summary>The faults.</summary>
    public static Shape<FaultSettings> Shape()
    {
        var usual = new FaultSettings();
        Key<FaultRule?>[] points = [.. FaultPoint.All.Select(point =>
            Key.Optional<FaultRule?>(point.Name, PointShape(point), null, point.Summary))];
        var decisions = Key.Optional("failAt",
            new ListShape<string>(new TextShape(1, 80), DecisionsMax, "faults such as \"copy_to_user#3\""), [],
            "Exactly these fail, by site and the how manieth passing of it, and nothing is drawn: replays a run.");
        var healAt = Key.Optional<ulong?>("healAt", new MaybeShape<ulong>(new TimeShape(0, TimeShape.LongestNs)), null,
            "From this virtual time on nothing fails.");
        var failNth = Key.Optional("failNth", new CountShape(0, long.MaxValue), 0UL,
            "Which passing of any fault point, over the whole machine and from 1, fails; 0 for none.");
        var mode = Key.Optional("failNthMode", new ChoiceShape<FailNthMode>(Modes), usual.FailNthMode,
            "Whether that one alone fails or all after it too.");
        var of = Key.Optional("failNthPoints", new TextShape(1, PatternCharsMax), usual.FailNthPoints,
            "The fault points that failNth counts, as a pattern.");
        var counts = Key.Optional("count", new FlagShape(), false, "Count the points passed though nothing fails.");
        var spins = Key.Optional("spinLimit", new CountShape(1, int.MaxValue), (ulong)usual.SpinLimit,
            "How often a fault is tried again in vain before a watchdog kills the process; Linux has none.");
        var errors = Key.Optional("memoryErrors",
            new ListShape<MemoryErrorEvent>(MemoryError(), DecisionsMax, "memory errors"), [],
            "Frames that have a memory error at some moment (hwpoison).");
        var cuts = Key.Optional("powerCuts", new FlagShape(), false, "Cut the power, in thought, after every write of "
            + "a disk: what fsync, msync or sync promised has to be there (I38).");
        Key[] keys = [.. points, errors, decisions, healAt, failNth, mode, of, counts, spins, cuts];
        return new ObjectShape<FaultSettings>("the faults", keys, v => new FaultSettings
        {
            Rules = [.. points.Select(point => v.Get(point)).OfType<FaultRule>()],
            Decisions = v.Has(decisions) ? ParseDecisions(v, decisions) : null,
            MemoryErrors = [.. v.Get(errors).OrderBy(error => error.AtNs)],
            HealAtNs = (long?)v.Get(healAt),
            FailNth = (long)v.Get(failNth),
            FailNthMode = v.Get(mode),
            FailNthPoints = v.Get(of),
            Counts = v.Get(counts),
            SpinLimit = (int)v.Get(spins),
            CutsPower = v.Get(cuts),
        });
    }

    private static ObjectShape<MemoryErrorEvent> MemoryError()
    {
        var at = Key.Required("at", new TimeShape(0, TimeShape.LongestNs), "When.");
        var pfn = Key.Optional("pfn", new CountShape(0, uint.MaxValue), 0UL, "The frame (corrupt-pfn).");
        var pid = Key.Optional("pid", new CountShape(0, int.MaxValue), 0UL, "The process, in place of \"pfn\".");
        var address = Key.Optional("address", new AddressShape(), 0UL, "The address of the page of the process.");
        var kind = Key.Optional("kind", new ChoiceShape<MemoryErrorKind>([("hard", MemoryErrorKind.Hard),
            ("soft", MemoryErrorKind.Soft), ("unpoison", MemoryErrorKind.Unpoison)]), MemoryErrorKind.Hard,
            "hard: the frame has an error; soft: it is taken out of use, its page elsewhere; unpoison: put back.");
        return new ObjectShape<MemoryErrorEvent>("a memory error", [at, pfn, pid, address, kind], v =>
        {
            if (v.Has(pfn) == (v.Has(pid) && v.Has(address)) || v.Has(pid) != v.Has(address))
                v.Fail("a memory error has neither \"pfn\" alone nor \"pid\" and \"address\"; expected one of them");
            return new MemoryErrorEvent(
                (long)v.Get(at), (uint)v.Get(pfn), (int)v.Get(pid), v.Get(address))
            { Kind = v.Get(kind) };
        });
    }

    private static IReadOnlyList<FaultDecision> ParseDecisions(KeyValues v, Key<ImmutableArray<string>> key)
    {
        try
        {
            return FaultDecision.ParseList(string.Join(',', v.Get(key)));
        }
        catch (ConfigurationException e)
        {
            v.Fail(key, e.Message);
            return [];
        }
    }

    private static ObjectShape<FaultRule?> PointShape(FaultPoint point)
    {
        var usual = new FaultAttr();
        var probability = Key.Optional("probability", new CountShape(0, 100), (ulong)usual.Probability,
            "How likely a failure is, in percent.");
        var interval = Key.Optional("interval", new CountShape(1, int.MaxValue), (ulong)usual.Interval,
            "Of those that get as far, every how manieth may fail.");
        var times = Key.Optional("times", new SignedShape(-1, int.MaxValue), usual.Times,
            "How often it fails at most; -1 for no limit.");
        var space = Key.Optional("space", new CountShape(0, int.MaxValue), (ulong)usual.Space,
            "Nothing fails before so much has been asked for.");
        var verbose = Key.Optional("verbose", new CountShape(0, 2), (ulong)usual.Verbose,
            "How much the kernel's log tells of failures.");
        var filter = Key.Optional("task-filter", new FlagShape(), usual.TaskFilter,
            "Whether only processes with makeItFail fail.");
        var require = Key.Optional("require", new TextShape(1, PatternCharsMax), usual.Require,
            "The sites or operations that fail, as a pattern.");
        var reject = Key.Optional("reject", new TextShape(0, PatternCharsMax), usual.Reject,
            "The sites or operations that do not fail, as a pattern.");
        Key<string?>[] own = [.. point.Parameters.Select(Own)];
        Key[] keys = [probability, interval, times, space, verbose, filter, require, reject, .. own];
        return new ObjectShape<FaultRule?>($"the fault {point}", keys, v => new FaultRule(point, new FaultAttr
        {
            Probability = (int)v.Get(probability),
            Interval = (int)v.Get(interval),
            Times = v.Get(times),
            Space = (int)v.Get(space),
            Verbose = (int)v.Get(verbose),
            TaskFilter = v.Get(filter),
            Require = v.Get(require),
            Reject = v.Get(reject),
        })
        {
            Parameters = [.. own.Where(key => v.Get(key) is not null)
                .Select(key => KeyValuePair.Create(key.Name, v.Get(key)!))],
        });
    }

    // The values as --fault writes them.
    private static Key<string?> Own(FaultParameter parameter)
    {
        Shape<string?> shape = parameter.Kind switch
        {
            FaultValueKind.Count => new MapShape<ulong, string?>(new CountShape(0, int.MaxValue),
                count => count.ToString(CultureInfo.InvariantCulture)),
            FaultValueKind.Flag => new MapShape<bool, string?>(new FlagShape(), flag => flag ? "Y" : "N"),
            FaultValueKind.Time => new MapShape<ulong, string?>(new TimeShape(0, 1_000_000_000_000), TimeShape.Format),
            FaultValueKind.Word => new ChoiceShape<string?>([.. parameter.Words.Select(w => (w, (string?)w))]),
            _ => new MapShape<string, string?>(new TextShape(1, PatternCharsMax), text => text),
        };
        string absent = parameter.Default.Length == 0 ? "" : $" Left out: {parameter.Default}.";
        return Key.Optional<string?>(parameter.Name, shape, null, parameter.Description + absent);
    }
}
