using System.Numerics;
using static System.FormattableString;

namespace LinuxMem.Arch.Tlbs;

/// <summary>Which entry of a full set a TLB gives up.</summary>
public enum TlbReplacement
{
    /// <summary>The least recently used, exactly.</summary>
    Lru,

    /// <summary>Tree pseudo-LRU, as most hardware does it; ways must be a power of two.</summary>
    TreePlru,

    /// <summary>The oldest.</summary>
    Fifo,

    /// <summary>A random one, from the CPU's own stream.</summary>
    Random,
}

/// <summary>The shape of one TLB.</summary>
/// <param name="Sets">Number of sets, a power of two.</param>
/// <param name="Ways">Entries in a set, 1 to 64.</param>
/// <param name="Replacement">Which entry a full set gives up.</param>
public sealed record TlbShape(int Sets, int Ways, TlbReplacement Replacement = TlbReplacement.Lru)
{
    /// <summary>Entries in all.</summary>
    public int EntryCount => Sets * Ways;

    /// <summary>What makes this no shape of a TLB, or null.</summary>
    public string? FindProblem()
    {
        if (Sets < 1 || !BitOperations.IsPow2(Sets))
            return Invariant($"sets must be a power of two, not {Sets}");
        if (Ways is < 1 or > 64)
            return Invariant($"ways must be from 1 to 64, not {Ways}");
        if (Sets > 1 << 20)
            return Invariant($"sets must be at most {1 << 20}, not {Sets}");
        if (!Enum.IsDefined(Replacement))
            return Invariant($"unknown replacement policy {(int)Replacement}");
        if (Replacement == TlbReplacement.TreePlru && !BitOperations.IsPow2(Ways))
            return Invariant($"tree pseudo-LRU needs a power of two of ways, not {Ways}");
        return null;
    }
}

/// <summary>A CPU's translation caches.</summary>
/// <param name="L1Data">First level for loads and stores.</param>
/// <param name="L1Code">First level for instruction fetches.</param>
/// <param name="L2">Second level, for both.</param>
/// <param name="WalkCacheEntries">Entries of the page-walk cache, which remembers leaf tables; 0 for none, else a power
/// of two.</param>
/// <param name="AsidCount">How many address spaces a CPU can tell apart; 1 flushes at every switch. At most
/// 4096.</param>
public sealed record TlbSettings(
    TlbShape L1Data, TlbShape L1Code, TlbShape L2, int WalkCacheEntries = 32, int AsidCount = 8)
{
    /// <summary>64-entry first levels of four ways, 1,536 entries of twelve ways behind: a usual x86 server. Linux uses
    /// 6 ASIDs; here 8.</summary>
    public static TlbSettings Default { get; } = new(new(16, 4), new(16, 4), new(128, 12));

    /// <summary>The page-walk cache's shape: up to four ways, exact LRU. Precondition: it has entries.</summary>
    public TlbShape WalkCacheShape => new(Math.Max(WalkCacheEntries / 4, 1), Math.Min(WalkCacheEntries, 4));

    /// <summary>What makes these no settings of an MMU, or null.</summary>
    public string? FindProblem()
    {
        string? problem = Name("first-level data TLB", L1Data)
            ?? Name("first-level code TLB", L1Code)
            ?? Name("second-level TLB", L2);
        if (problem is not null)
            return problem;
        int first = L1Data.EntryCount + L1Code.EntryCount;
        if (first > SlotHints.SlotCountMax)
            return Invariant(
                $"the first-level TLBs may have {SlotHints.SlotCountMax} entries together, not {first}");
        if (WalkCacheEntries < 0 || WalkCacheEntries > 1 << 20 || (WalkCacheEntries & (WalkCacheEntries - 1)) != 0)
            return Invariant(
                $"walk cache entries must be 0 or a power of two, not {WalkCacheEntries}");
        if (AsidCount is < 1 or > TlbTag.AsidCountMax)
            return Invariant(
                $"the ASID count must be from 1 to {TlbTag.AsidCountMax}, not {AsidCount}");
        return null;
    }

    private static string? Name(string what, TlbShape shape) =>
        shape.FindProblem() is { } problem ? $"{what}: {problem}" : null;
}

/// <summary>What accesses cost, in nanoseconds of virtual time.</summary>
/// <param name="HitNs">An access whose translation the first-level TLB has.</param>
/// <param name="L2HitNs">What a second-level hit costs on top.</param>
/// <param name="WalkLevelNs">What each level read by a page walk costs on top.</param>
public sealed record MmuCosts(int HitNs = 1, int L2HitNs = 3, int WalkLevelNs = 6)
{
    /// <summary>What makes these no costs, or null. An access takes time, or a program could do any number of them in
    /// none.</summary>
    public string? FindProblem()
    {
        if (HitNs < 1)
            return Invariant($"a hit must cost at least 1 ns, not {HitNs}");
        if (L2HitNs < 0 || WalkLevelNs < 0)
            return "a second-level hit and a walk cannot cost less than nothing";
        if (Math.Max(Math.Max(HitNs, L2HitNs), WalkLevelNs) > MaxNs)
            return Invariant($"nothing may cost more than {MaxNs} ns");
        return null;
    }

    private const int MaxNs = 100_000_000;
}
