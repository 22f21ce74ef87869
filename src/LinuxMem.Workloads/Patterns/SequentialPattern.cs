using LinuxMem.Abi;

namespace LinuxMem.Workloads.Patterns;

/// <summary>One access after the other at a fixed distance, from the start again after the end.</summary>
/// <param name="StrideBytes">Distance, a multiple of 8; 0 stands for a page.</param>
/// <param name="Backward">From the end to the start.</param>
public sealed record SequentialSpec(ulong StrideBytes = 8, bool Backward = false) : PatternSpec
{
    /// <inheritdoc/>
    public override IAccessPattern Create(in AccessTarget target, AccessMix mix, ulong seed) =>
        new SequentialPattern(target, mix, seed, StrideIn(target), Backward);

    /// <inheritdoc/>
    public override ulong DefaultCount(in AccessTarget target) =>
        SequentialPattern.PositionsIn(target, StrideIn(target));

    private ulong StrideIn(in AccessTarget target) => StrideBytes == 0 ? 1UL << target.PageShift : StrideBytes;
}

/// <summary>
/// The walk of a <see cref="SequentialSpec"/>: rows (<see cref="AccessRun"/>) where all accesses are of one kind.
/// </summary>
internal sealed class SequentialPattern : ScatterPattern
{
    private readonly ulong stride;
    private readonly bool backward;
    private readonly ulong positions;
    private ulong next;

    public SequentialPattern(in AccessTarget target, AccessMix mix, ulong seed, ulong stride, bool backward)
        : base(target, mix, seed)
    {
        this.stride = stride;
        this.backward = backward;
        positions = PositionsIn(target, stride);
    }

    /// <summary>How many accesses fit in a target before the walk starts again.</summary>
    public static ulong PositionsIn(in AccessTarget target, ulong stride) => ((target.Bytes - 8) / stride) + 1;

    public override int Add(AccessBatch batch, int count)
    {
        if (Mix.IsMixed)
            return base.Add(batch, count);
        if (positions == 1)
        {
            batch.AddRun(Mix.OnlyKind, Target.Start, 0, count);
            return count;
        }

        int left = count;
        while (left > 0 && !batch.IsFull)
        {
            int length = (int)Math.Min((ulong)left, positions - next);
            batch.AddRun(Mix.OnlyKind, Target.Start + OffsetOf(next), backward ? -(long)stride : (long)stride, length);
            left -= length;
            next += (ulong)length;
            if (next == positions)
                next = 0;
        }

        return count - left;
    }

    protected override void FillOffsets(Span<ulong> offsets)
    {
        for (int i = 0; i < offsets.Length; i++)
        {
            offsets[i] = OffsetOf(next);
            if (++next == positions)
                next = 0;
        }
    }

    private ulong OffsetOf(ulong position) => (backward ? positions - 1 - position : position) * stride;
}
