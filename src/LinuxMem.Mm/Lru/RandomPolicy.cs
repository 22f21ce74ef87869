using LinuxMem.Arch.Addresses;
using LinuxMem.Simulation.Random;

namespace LinuxMem.Mm.Lru;

/// <summary>Any page leaves, each as likely, drawn from a stream of its own.</summary>
/// <remarks>
/// What every other policy should be better than. The frame's Next is its place in the list of pages.
/// </remarks>
public sealed class RandomPolicy : IReplacementPolicy
{
    private readonly PolicyContext context;
    private readonly List<Pfn> pages = [];
    private readonly long[] counts = new long[2];
    private RandomStream random;

    /// <summary>No pages.</summary>
    public RandomPolicy(PolicyContext context)
    {
        this.context = context;
        random = new RandomStream(context.Seed);
    }

    /// <inheritdoc/>
    public string Name => "random";

    /// <inheritdoc/>
    public void Added(Pfn page, ulong refault)
    {
        if (refault != 0)
            context.CountRefault(page);
        Put(page);
    }

    /// <inheritdoc/>
    public void Accessed(Pfn page)
    {
    }

    /// <inheritdoc/>
    public void Removed(Pfn page)
    {
        int place = (int)context.Map[page].Next;
        Pfn last = pages[^1];
        pages[place] = last;
        context.Map[last].Next = (uint)place;
        pages.RemoveAt(pages.Count - 1);
        context.Map[page].Next = 0;
        counts[(int)context.References.KindOf(page)]--;
    }

    /// <inheritdoc/>
    public void Returned(Pfn page, KeepReason why) => Put(page);

    /// <inheritdoc/>
    public ulong Evicted(Pfn page) => 1;

    /// <inheritdoc/>
    public long Count(PageKind kind, bool active) => active ? 0 : counts[(int)kind];

    /// <inheritdoc/>
    public void List(PageKind kind, bool active, List<Pfn> into)
    {
        if (!active)
            into.AddRange(pages.Where(page => context.References.KindOf(page) == kind));
    }

    /// <inheritdoc/>
    public void Select(ref ScanRequest request, List<Pfn> victims)
    {
        long budget = request.Wanted + (2L * pages.Count >> request.Priority);
        int wanted = victims.Count + request.Wanted;
        for (; budget > 0 && pages.Count > 0 && victims.Count < wanted; budget--)
        {
            Pfn page = pages[(int)random.Below((ulong)pages.Count)];
            request.Look(context.References.KindOf(page));
            if (!request.MayTake(context, page))
                continue;
            context.References.TestAndClear(page, out _, out bool locked);
            if (locked)
                continue;
            Removed(page);
            victims.Add(page);
        }
    }

    private void Put(Pfn page)
    {
        context.Map[page].Next = (uint)pages.Count;
        pages.Add(page);
        counts[(int)context.References.KindOf(page)]++;
    }
}
