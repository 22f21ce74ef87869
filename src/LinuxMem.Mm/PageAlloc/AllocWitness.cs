namespace LinuxMem.Mm.PageAlloc;

/// <summary>
/// Remembers of the allocations that came near a watermark, for each kind, the one that found the least: for who checks
/// the rule (I41).
/// </summary>
public sealed class AllocWitness
{
    private readonly List<GrantedAlloc> granted = [];

    /// <summary>What was remembered since <see cref="Clear"/>, one for each zone, order and kind.</summary>
    public IReadOnlyList<GrantedAlloc> Granted => granted;

    /// <summary>What the allocation under way may do.</summary>
    internal GfpFlags Gfp { get; set; }

    /// <summary>Forgets.</summary>
    public void Clear() => granted.Clear();

    /// <summary>A zone is about to give a block away.</summary>
    internal void Note(int zone, int order, long freeBefore)
    {
        var now = new GrantedAlloc(zone, order, Gfp, freeBefore);
        for (int i = 0; i < granted.Count; i++)
        {
            if ((granted[i] with { FreeBefore = freeBefore }) != now)
                continue;
            if (freeBefore < granted[i].FreeBefore)
                granted[i] = now;
            return;
        }

        granted.Add(now);
    }
}

/// <summary>An allocation that was granted.</summary>
/// <param name="Zone">The zone, by its index.</param>
/// <param name="Order">log2 of the frames.</param>
/// <param name="Gfp">What it was allowed.</param>
/// <param name="FreeBefore">Free frames of the zone just before.</param>
public readonly record struct GrantedAlloc(int Zone, int Order, GfpFlags Gfp, long FreeBefore);
