using LinuxMem.Abi;
using LinuxMem.Workloads.Patterns;

namespace LinuxMem.Workloads.Programs.Steps;

/// <summary>Accesses to a region in a pattern.</summary>
/// <remarks>
/// In a loop the pattern goes on where it was. Nothing happens while the region is empty: not mapped, because its mmap
/// failed, or a heap that was never grown.
/// </remarks>
/// <param name="Region">Name of the region.</param>
/// <param name="Pattern">How to walk through it.</param>
public sealed record AccessStep(string Region, PatternSpec Pattern) : Step
{
    private const ulong CountMaxAtOnce = 1 << 30;

    /// <summary>Number of accesses; null for the pattern's own default, once over the region.</summary>
    public ulong? Count { get; init; }

    /// <summary>Kinds of access.</summary>
    public AccessMix Mix { get; init; } = AccessMix.Reads;

    /// <summary>Where in the region to begin, in bytes, a multiple of 8.</summary>
    public ulong Offset { get; init; }

    /// <summary>How much of the region to use, in bytes, at least 8; null to its end.</summary>
    public ulong? Bytes { get; init; }

    internal override bool Advance(StepContext context, AccessBatch batch)
    {
        Region part = context.Regions.Find(Region).Part(Offset, Bytes);
        if (part.Bytes < 8)
            return true;
        var target = new AccessTarget(part.Start, part.Bytes, context.PageShift);
        ulong count = Count ?? Pattern.DefaultCount(target);
        IAccessPattern pattern = context.PatternOf(this, target);
        ulong done = context.Phase;
        while (done < count && !batch.IsFull)
            done += (ulong)pattern.Add(batch, (int)Math.Min(count - done, CountMaxAtOnce));
        context.Phase = done;
        return done >= count;
    }
}
