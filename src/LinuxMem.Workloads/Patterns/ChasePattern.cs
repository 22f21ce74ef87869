namespace LinuxMem.Workloads.Patterns;

/// <summary>
/// Pointer chasing: a fixed random cycle through all pages, one word a page, as through a shuffled linked list.
/// </summary>
public sealed record ChaseSpec : PatternSpec
{
    /// <inheritdoc/>
    public override IAccessPattern Create(in AccessTarget target, AccessMix mix, ulong seed) =>
        new ChasePattern(target, mix, seed);
}

/// <summary>The walk of a <see cref="ChaseSpec"/>, in constant space whatever the size of the target.</summary>
/// <remarks>
/// A linear congruential generator modulo 2^k with full period (Hull and Dobell: odd increment, multiplier 1 modulo 4)
/// visits every k-bit number once; a bijection on k bits hides the regularity of its low bits; numbers beyond the last
/// page are skipped. k is the smallest that covers the pages, so that less than half of the steps are skipped.
/// </remarks>
internal sealed class ChasePattern : ScatterPattern
{
    private const ulong Golden = 0x9e3779b97f4a7c15;
    private readonly ulong multiplier;
    private readonly ulong increment;
    private readonly ulong mixer;
    private readonly ulong mask;
    private readonly int mixShift;
    private ulong state;

    public ChasePattern(in AccessTarget target, AccessMix mix, ulong seed)
        : base(target, mix, seed)
    {
        int bits = 64 - (int)ulong.LeadingZeroCount(target.Blocks - 1);
        mask = (1UL << bits) - 1;
        mixShift = (bits / 2) + 1;
        multiplier = (Random.Next() & ~7UL) | 5;
        increment = Random.Next() | 1;
        mixer = Random.Next() | 1;
        state = Random.Next() & mask;
    }

    protected override void FillOffsets(Span<ulong> offsets)
    {
        ulong x = state;
        ulong blocks = Target.Blocks;
        ulong wordsInBlock = Target.WordsInBlock;
        for (int i = 0; i < offsets.Length; i++)
        {
            ulong block;
            do
            {
                x = ((x * multiplier) + increment) & mask;
                block = x ^ (x >> mixShift);
                block = (block * mixer) & mask;
                block ^= block >> mixShift;
            }
            while (block >= blocks);
            ulong word = Math.BigMul((block + 1) * Golden, wordsInBlock, out _);
            offsets[i] = (block << Target.PageShift) + (word << 3);
        }

        state = x;
    }
}
