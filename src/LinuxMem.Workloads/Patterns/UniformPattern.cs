using LinuxMem.Simulation.Random;

namespace LinuxMem.Workloads.Patterns;

/// <summary>Every word as likely as every other.</summary>
public sealed record UniformSpec : PatternSpec
{
    /// <inheritdoc/>
    public override IAccessPattern Create(in AccessTarget target, AccessMix mix, ulong seed) =>
        new UniformPattern(target, mix, seed);
}

/// <summary>The walk of a <see cref="UniformSpec"/>.</summary>
internal sealed class UniformPattern(in AccessTarget target, AccessMix mix, ulong seed)
    : ScatterPattern(target, mix, seed)
{
    protected override void FillOffsets(Span<ulong> offsets)
    {
        RandomStream random = Random;
        ulong words = Target.Words;
        for (int i = 0; i < offsets.Length; i++)
            offsets[i] = random.Below(words) << 3;
        Random = random;
    }
}
