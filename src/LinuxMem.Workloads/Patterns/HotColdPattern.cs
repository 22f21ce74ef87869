using LinuxMem.Simulation.Random;

namespace LinuxMem.Workloads.Patterns;

/// <summary>
/// Most accesses go to a small part at the start of the target, the others to the rest; uniform within each.
/// </summary>
/// <param name="HotPercent">The hot part's share of the target, 1 to 100.</param>
/// <param name="AccessPercent">Its share of the accesses, 0 to 100.</param>
public sealed record HotColdSpec(int HotPercent = 10, int AccessPercent = 90) : PatternSpec
{
    /// <inheritdoc/>
    public override IAccessPattern Create(in AccessTarget target, AccessMix mix, ulong seed) =>
        new HotColdPattern(target, mix, seed, HotPercent, AccessPercent);
}

/// <summary>The walk of a <see cref="HotColdSpec"/>.</summary>
internal sealed class HotColdPattern : ScatterPattern
{
    private readonly ulong hotWords;
    private readonly ulong hotThreshold;

    public HotColdPattern(in AccessTarget target, AccessMix mix, ulong seed, int hotPercent, int accessPercent)
        : base(target, mix, seed)
    {
        // Word counts stay below 2^61, so that dividing first keeps the product in 64 bits at the price of less than
        // 100 words.
        ulong percent = (ulong)hotPercent;
        ulong hot = target.Words < 1UL << 50 ? target.Words * percent / 100 : target.Words / 100 * percent;
        hotWords = Math.Clamp(hot, 1, target.Words);
        hotThreshold = hotWords == target.Words ? 1UL << 16 : ((ulong)accessPercent << 16) / 100;
    }

    protected override void FillOffsets(Span<ulong> offsets)
    {
        RandomStream random = Random;
        ulong coldWords = Target.Words - hotWords;
        for (int i = 0; i < offsets.Length; i++)
        {
            // One draw decides both: its low 16 bits say which part, and they hardly reach the product's upper half.
            ulong draw = random.Next();
            bool isHot = (draw & 0xffff) < hotThreshold;
            ulong word = Math.BigMul(draw, isHot ? hotWords : coldWords, out _);
            offsets[i] = (isHot ? word : hotWords + word) << 3;
        }

        Random = random;
    }
}
