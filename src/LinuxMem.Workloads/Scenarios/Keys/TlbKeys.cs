using LinuxMem.Arch.Tlbs;
using LinuxMem.Workloads.Scenarios.Shapes;

namespace LinuxMem.Workloads.Scenarios.Keys;

/// <summary>The keys of machine.tlb.</summary>
internal static class TlbKeys
{
    private static readonly IReadOnlyList<(string, TlbReplacement)> Replacements =
    [
        ("lru", TlbReplacement.Lru), ("treePlru", TlbReplacement.TreePlru),
        ("fifo", TlbReplacement.Fifo), ("random", TlbReplacement.Random),
    ];

    /// <summary>The translation caches of a CPU.</summary>
    public static Shape<TlbSettings> Shape()
    {
        TlbSettings usual = TlbSettings.Default;
        var l1Data = Key.Optional("l1Data", OneTlb(usual.L1Data), usual.L1Data, "First level for loads and stores.");
        var l1Code = Key.Optional("l1Code", OneTlb(usual.L1Code), usual.L1Code, "First level for instruction fetches.");
        var l2 = Key.Optional("l2", OneTlb(usual.L2), usual.L2, "Second level, for both.");
        var entries = new CountShape(0, 1 << 16, isPowerOfTwo: true);
        var walkCache = Key.Optional("walkCache", entries, (ulong)usual.WalkCacheEntries,
            "Entries of the page-walk cache; 0 for none, else a power of two.");
        var asids = Key.Optional("asids", new CountShape(1, 4096), (ulong)usual.AsidCount,
            "Address spaces that a CPU can tell apart; 1 flushes at every switch.");
        return new ObjectShape<TlbSettings>("the TLB settings", [l1Data, l1Code, l2, walkCache, asids], v =>
            new TlbSettings(v.Get(l1Data), v.Get(l1Code), v.Get(l2), (int)v.Get(walkCache), (int)v.Get(asids)));
    }

    private static Shape<TlbShape> OneTlb(TlbShape usual)
    {
        var sets = Key.Optional("sets", new CountShape(1, 1 << 16, isPowerOfTwo: true), (ulong)usual.Sets,
            "Number of sets, a power of two.");
        var ways = Key.Optional("ways", new CountShape(1, 64), (ulong)usual.Ways, "Entries in a set.");
        var replacement = Key.Optional("replacement", new ChoiceShape<TlbReplacement>(Replacements), usual.Replacement,
            "Which entry a full set gives up.");
        return new ObjectShape<TlbShape>("a TLB", [sets, ways, replacement], v =>
        {
            ulong count = v.Get(ways);
            if (v.Get(replacement) == TlbReplacement.TreePlru && !ulong.IsPow2(count))
                v.Fail(ways, $"\"ways\" is {count} with \"replacement\" \"treePlru\"; expected a power of two");
            return new TlbShape((int)v.Get(sets), (int)count, v.Get(replacement));
        });
    }
}
