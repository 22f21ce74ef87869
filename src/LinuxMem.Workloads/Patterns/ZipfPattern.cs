using LinuxMem.Simulation.Random;

namespace LinuxMem.Workloads.Patterns;

/// <summary>
/// Zipf's law: the page of rank k is hit in proportion to 1 / k^exponent; a random word of it each time.
/// </summary>
/// <param name="Table">Weights of the ranks for the exponent.</param>
public sealed record ZipfSpec(ZipfTable Table) : PatternSpec
{
    /// <inheritdoc/>
    public override IAccessPattern Create(in AccessTarget target, AccessMix mix, ulong seed) =>
        new ZipfPattern(target, mix, seed, Table);
}

/// <summary>
/// The walk of a <see cref="ZipfSpec"/>. Ranks are dealt out over the pages at random, so that popular pages are not
/// neighbours. A target of more pages than <see cref="ZipfTable.RanksMax"/> is cut into that many groups of
/// neighbouring pages, which are ranked; within a group pages are equal.
/// </summary>
internal sealed class ZipfPattern : ScatterPattern
{
    private readonly ZipfTable table;
    private readonly ushort[] groupOfRank;
    private readonly ulong pagesInGroup;
    private readonly ulong total;

    public ZipfPattern(in AccessTarget target, AccessMix mix, ulong seed, ZipfTable table)
        : base(target, mix, seed)
    {
        this.table = table;
        pagesInGroup = (target.Blocks + ZipfTable.RanksMax - 1) / ZipfTable.RanksMax;
        int groups = (int)(target.Blocks / pagesInGroup);
        total = table.TotalOf(groups);
        groupOfRank = new ushort[groups];
        for (int i = 0; i < groups; i++)
            groupOfRank[i] = (ushort)i;
        for (int i = groups - 1; i > 0; i--)
        {
            int j = (int)Random.Below((ulong)i + 1);
            (groupOfRank[i], groupOfRank[j]) = (groupOfRank[j], groupOfRank[i]);
        }
    }

    protected override void FillOffsets(Span<ulong> offsets)
    {
        RandomStream random = Random;
        ulong words = pagesInGroup * Target.WordsInBlock;
        ulong groupBytes = pagesInGroup << Target.PageShift;
        for (int i = 0; i < offsets.Length; i++)
        {
            ulong place = random.Below(total);
            ulong word = random.Below(words);
            offsets[i] = (groupOfRank[table.RankAt(place)] * groupBytes) + (word << 3);
        }

        Random = random;
    }
}
