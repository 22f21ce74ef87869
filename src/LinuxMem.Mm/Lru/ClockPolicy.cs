using LinuxMem.Mm.MemMaps;

namespace LinuxMem.Mm.Lru;

/// <summary>
/// Second chance, the clock: the hand passes over pages that were used since it last came by, and takes the first that
/// was not.
/// </summary>
/// <remarks>
/// The queue's old end is the hand; what it passes over, and what comes, stands right behind it. The access that brings
/// a page in counts as a use. Two laps suffice: after one, no page counts as used.
/// </remarks>
public sealed class ClockPolicy(PolicyContext context) : QueuePolicy("clock", context, laps: 2)
{
    /// <inheritdoc/>
    protected override Verdict Judge(ref PageFrame frame, bool used) => used ? Verdict.Stays : Verdict.Goes;
}
