using LinuxMem.Mm.MemMaps;

namespace LinuxMem.Mm.Lru;

/// <summary>First in, first out: the page that came first leaves first, used or not.</summary>
public sealed class FifoPolicy(PolicyContext context) : QueuePolicy("fifo", context, laps: 1)
{
    /// <inheritdoc/>
    protected override Verdict Judge(ref PageFrame frame, bool used) => Verdict.Goes;
}
