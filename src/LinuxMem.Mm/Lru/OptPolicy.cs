using LinuxMem.Arch.Addresses;
using LinuxMem.Simulation;

namespace LinuxMem.Mm.Lru;

/// <summary>
/// Belady's optimum: the page leaves that is used last of all in the future. No policy has fewer faults; none can be
/// built, so it is for reference strings only.
/// </summary>
/// <remarks>L. A. Belady, A study of replacement algorithms for a virtual-storage computer, 1966: MIN.</remarks>
public sealed class OptPolicy : IReplacementPolicy, IReferenceObserver
{
    private readonly PolicyContext context;
    private readonly long[] nextUse;
    private readonly SortedSet<(long Next, uint Pfn)> order = [];

    /// <summary>No pages.</summary>
    public OptPolicy(PolicyContext context)
    {
        this.context = context;
        nextUse = new long[context.Map.FrameCount];
    }

    /// <inheritdoc/>
    public string Name => "opt";

    /// <inheritdoc/>
    public void Added(Pfn page, ulong refault)
    {
        if (refault != 0)
            context.CountRefault(page);
        Put(page, long.MaxValue);
    }

    /// <inheritdoc/>
    public void Referenced(Pfn page, long next)
    {
        Removed(page);
        Put(page, next);
    }

    /// <inheritdoc/>
    public void Accessed(Pfn page)
    {
    }

    /// <inheritdoc/>
    public void Removed(Pfn page)
    {
        bool had = order.Remove((nextUse[page.Value], page.Value));
        KernelBug.Assert(had, $"the policy does not have frame {page}");
    }

    /// <inheritdoc/>
    public void Select(ref ScanRequest request, List<Pfn> victims)
    {
        for (int i = 0; i < request.Wanted && order.Count > 0; i++)
        {
            var page = new Pfn(order.Max.Pfn);
            Removed(page);
            victims.Add(page);
            request.Look(PageKind.Anon);
        }
    }

    /// <inheritdoc/>
    public void Returned(Pfn page, KeepReason why) => Put(page, nextUse[page.Value]);

    /// <inheritdoc/>
    public ulong Evicted(Pfn page) => 1;

    /// <inheritdoc/>
    public long Count(PageKind kind, bool active)
    {
        if (active)
            return 0;
        long count = 0;
        foreach ((_, uint pfn) in order)
            count += context.References.KindOf(new Pfn(pfn)) == kind ? 1 : 0;
        return count;
    }

    /// <inheritdoc/>
    public void List(PageKind kind, bool active, List<Pfn> into)
    {
        if (active)
            return;
        foreach ((_, uint pfn) in order)
        {
            if (context.References.KindOf(new Pfn(pfn)) == kind)
                into.Add(new Pfn(pfn));
        }
    }

    private void Put(Pfn page, long next)
    {
        nextUse[page.Value] = next;
        order.Add((next, page.Value));
    }
}
