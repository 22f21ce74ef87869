using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.MemMaps;

namespace LinuxMem.Mm.Lru;

/// <summary>The least recently used page leaves.</summary>
/// <remarks>
/// Exact in reference strings, where every use is told. In a machine nobody tells of uses but accessed bits: these are
/// collected from all pages each time an eighth of them has left, and from the oldest before they go, so that of two
/// pages used in between the order is unknown. That costs looking at 8 pages and more for each that leaves.
/// </remarks>
public sealed class LruPolicy(PolicyContext context) : QueuePolicy("lru", context, laps: 2), IReferenceObserver
{
    private long leftSinceSweep;

    /// <inheritdoc/>
    public void Referenced(Pfn page, long next)
    {
        Context.References.TestAndClear(page, out _, out _);
        Renew(page);
    }

    /// <inheritdoc/>
    public override void Accessed(Pfn page) => Renew(page);

    /// <inheritdoc/>
    public override void Select(ref ScanRequest request, List<Pfn> victims)
    {
        long pages = Count(PageKind.Anon, false) + Count(PageKind.File, false);
        if (leftSinceSweep >= pages / 8)
        {
            leftSinceSweep = 0;
            request.Refill((int)Math.Min(pages, int.MaxValue));
            RenewUsed();
        }

        int before = victims.Count;
        base.Select(ref request, victims);
        leftSinceSweep += victims.Count - before;
    }

    /// <inheritdoc/>
    protected override Verdict Judge(ref PageFrame frame, bool used) => used ? Verdict.Stays : Verdict.Goes;
}
