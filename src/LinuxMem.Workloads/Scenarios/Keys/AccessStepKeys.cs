using LinuxMem.Abi;
using LinuxMem.Workloads.Patterns;
using LinuxMem.Workloads.Programs.Steps;
using LinuxMem.Workloads.Scenarios.Shapes;

namespace LinuxMem.Workloads.Scenarios.Keys;

/// <summary>The keys of steps that access memory.</summary>
internal static class AccessStepKeys
{
    /// <summary>The most accesses of a step.</summary>
    public const ulong CountMax = 1UL << 62;

    private const ulong SizeMax = 1UL << 57;

    private static readonly IReadOnlyList<(string, AccessKind)> Kinds =
        [("read", AccessKind.Read), ("write", AccessKind.Write), ("execute", AccessKind.Execute)];

    /// <summary>The share of writes among the accesses.</summary>
    public static Key<ulong> WritePercentKey() => Key.Optional("writePercent", new CountShape(0, 100), 0UL,
        "The share of writes; the others are reads. Not together with \"kind\".");

    /// <summary>The kind of all accesses.</summary>
    public static Key<AccessKind> KindKey(AccessKind absent) =>
        Key.Optional("kind", new ChoiceShape<AccessKind>(Kinds), absent, "What every access wants.");

    /// <summary>The mix that two keys describe; both together are a mistake.</summary>
    public static AccessMix MixOf(KeyValues v, Key<AccessKind> kind, Key<ulong> writePercent)
    {
        if (v.Has(kind) && v.Has(writePercent))
            v.Fail(writePercent, "\"writePercent\" stands beside \"kind\"; expected one of them");
        return v.Has(writePercent) ? new AccessMix(AccessKind.Read, (int)v.Get(writePercent)) : MixOf(v.Get(kind));
    }

    /// <summary>access.</summary>
    public static Shape<Step> Access()
    {
        Key<string> region = MemoryStepKeys.RegionKey();
        var pattern = Key.Optional<PatternSpec>("pattern", PatternKeys.Shape, new SequentialSpec(),
            "How to walk; sequential if left out.");
        var count = Key.Optional<ulong?>("count", new MaybeShape<ulong>(new CountShape(1, CountMax)), null,
            "Number of accesses; left out, once over the region, or one for each page if the pattern is no sequence.");
        (Key<ulong> offset, Key<ulong?> bytes) = Part();
        Key<AccessKind> kind = KindKey(AccessKind.Read);
        Key<ulong> writePercent = WritePercentKey();
        return new ObjectShape<Step>("an access step", [region, pattern, count, kind, writePercent, offset, bytes], v =>
            new AccessStep(v.Get(region), v.Get(pattern))
            {
                Count = v.Get(count),
                Mix = MixOf(v, kind, writePercent),
                Offset = v.Get(offset),
                Bytes = v.Get(bytes),
            });
    }

    /// <summary>touch.</summary>
    public static Shape<Step> Touch()
    {
        Key<string> region = MemoryStepKeys.RegionKey();
        Key<AccessKind> kind = KindKey(AccessKind.Write);
        (Key<ulong> offset, Key<ulong?> bytes) = Part();
        return new ObjectShape<Step>("a touch step", [region, kind, offset, bytes], v =>
            new AccessStep(v.Get(region), new SequentialSpec(StrideBytes: 0))
            {
                Mix = MixOf(v.Get(kind)),
                Offset = v.Get(offset),
                Bytes = v.Get(bytes),
            });
    }

    /// <summary>stack.</summary>
    public static Shape<Step> Stack() =>
        new MapShape<ulong, Step>(new SizeShape(8, 1UL << 40), bytes => new StackStep(bytes));

    /// <summary>segfault.</summary>
    public static Shape<Step> Segfault()
    {
        var at = Key.Optional("at", new AddressShape(), 0UL, "The address; left out, the null pointer.");
        Key<AccessKind> kind = KindKey(AccessKind.Read);
        return new ObjectShape<Step>("a segfault step", [at, kind], v => new SegfaultStep(v.Get(at), v.Get(kind)));
    }

    private static AccessMix MixOf(AccessKind kind) => kind switch
    {
        AccessKind.Write => AccessMix.Writes,
        AccessKind.Execute => AccessMix.Fetches,
        _ => AccessMix.Reads,
    };

    private static (Key<ulong> Offset, Key<ulong?> Bytes) Part() => (
        Key.Optional("offset", new SizeShape(0, SizeMax, multiple: 8), 0UL, "Where in the region to begin."),
        Key.Optional<ulong?>("bytes", new MaybeShape<ulong>(new SizeShape(8, SizeMax)), null,
            "How much of the region to use; left out, to its end."));
}
