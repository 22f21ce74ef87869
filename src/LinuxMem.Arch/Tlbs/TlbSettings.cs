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
}

/// <summary>A CPU's translation caches.</summary>
/// <param name="L1Data">First level for loads and stores.</param>
/// <param name="L1Code">First level for instruction fetches.</param>
/// <param name="L2">Second level, for both.</param>
/// <param name="WalkCacheEntries">Entries of the page-walk cache, which remembers leaf tables; 0 for none, else a power of two.</param>
/// <param name="AsidCount">How many address spaces a CPU can tell apart; 1 flushes at every switch. At most 4096.</param>
public sealed record TlbSettings(TlbShape L1Data, TlbShape L1Code, TlbShape L2, int WalkCacheEntries = 32, int AsidCount = 8)
{
    /// <summary>64-entry first levels of four ways, 1,536 entries of twelve ways behind: a usual x86 server. Linux uses 6 ASIDs; here 8.</summary>
    public static TlbSettings Default { get; } = new(new(16, 4), new(16, 4), new(128, 12));
}

/// <summary>What accesses cost, in nanoseconds of virtual time.</summary>
/// <param name="HitNs">An access whose translation the first-level TLB has.</param>
/// <param name="L2HitNs">What a second-level hit costs on top.</param>
/// <param name="WalkLevelNs">What each level read by a page walk costs on top.</param>
public sealed record MmuCosts(int HitNs = 1, int L2HitNs = 3, int WalkLevelNs = 6);
