using LinuxMem.Simulation.Random;

namespace LinuxMem.Workloads.Patterns;

/// <summary>
/// A working set that moves: uniform within a window, which goes on by a step after every so many accesses, round the
/// target.
/// </summary>
/// <param name="WindowBytes">Size of the window; as big as the target at most.</param>
/// <param name="StepBytes">How far the window moves.</param>
/// <param name="Every">After how many accesses it moves, at least 1.</param>
public sealed record ShiftSpec(ulong WindowBytes, ulong StepBytes, ulong Every) : PatternSpec
{
    /// <inheritdoc/>
    public override IAccessPattern Create(in AccessTarget target, AccessMix mix, ulong seed) =>
        new ShiftPattern(target, mix, seed, this);
}

/// <summary>The walk of a <see cref="ShiftSpec"/>.</summary>
internal sealed class ShiftPattern : ScatterPattern
{
    private readonly ulong windowWords;
    private readonly ulong stepWords;
    private readonly ulong every;
    private ulong first;
    private ulong untilShift;

    public ShiftPattern(in AccessTarget target, AccessMix mix, ulong seed, ShiftSpec spec)
        : base(target, mix, seed)
    {
        windowWords = Math.Clamp(spec.WindowBytes >> 3, 1, target.Words);
        stepWords = (spec.StepBytes >> 3) % target.Words;
        every = spec.Every;
        untilShift = every;
    }

    protected override void FillOffsets(Span<ulong> offsets)
    {
        RandomStream random = Random;
        ulong words = Target.Words;
        for (int i = 0; i < offsets.Length; i++)
        {
            if (untilShift == 0)
            {
                first = Wrap(first + stepWords, words);
                untilShift = every;
            }

            untilShift--;
            offsets[i] = Wrap(first + random.Below(windowWords), words) << 3;
        }

        Random = random;
    }

    private static ulong Wrap(ulong word, ulong words) => word >= words ? word - words : word;
}
