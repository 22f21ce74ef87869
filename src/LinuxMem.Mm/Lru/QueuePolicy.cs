using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.PageAlloc;

namespace LinuxMem.Mm.Lru;

/// <summary>
/// A policy that keeps all its pages in one queue and asks of each, from the oldest on, whether it goes. What comes or
/// comes back is the youngest.
/// </summary>
public abstract unsafe class QueuePolicy : IReplacementPolicy
{
    private readonly long[] counts = new long[2];
    private readonly int laps;
    private FrameList queue;

    /// <summary>An empty queue.</summary>
    /// <param name="name">The policy's name.</param>
    /// <param name="context">What it works with.</param>
    /// <param name="laps">How often a page may have to be looked at, at most, until it goes.</param>
    protected QueuePolicy(string name, PolicyContext context, int laps)
    {
        Name = name;
        Context = context;
        this.laps = laps;
    }

    /// <summary>What may become of a page that was looked at.</summary>
    protected enum Verdict
    {
        /// <summary>It leaves.</summary>
        Goes,

        /// <summary>It becomes the youngest.</summary>
        Stays,
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>What it works with.</summary>
    protected PolicyContext Context { get; }

    /// <inheritdoc/>
    public virtual void Added(Pfn page, ulong refault)
    {
        if (refault != 0)
            Context.CountRefault(page);
        Append(page);
    }

    /// <inheritdoc/>
    public virtual void Accessed(Pfn page) => Context.Map[page].Flags |= PageFlags.Referenced;

    /// <inheritdoc/>
    public void Removed(Pfn page)
    {
        queue.Remove(Context.Map.Frames, page.Value);
        counts[(int)Context.References.KindOf(page)]--;
    }

    /// <inheritdoc/>
    public void Returned(Pfn page, KeepReason why) => Append(page);

    /// <inheritdoc/>
    public ulong Evicted(Pfn page) => 1;

    /// <inheritdoc/>
    public long Count(PageKind kind, bool active) => active ? 0 : counts[(int)kind];

    /// <inheritdoc/>
    public void List(PageKind kind, bool active, List<Pfn> into)
    {
        if (active)
            return;
        int first = into.Count;
        queue.CopyTo(Context.Map.Frames, into);
        int kept = first;
        for (int i = first; i < into.Count; i++)
        {
            if (Context.References.KindOf(into[i]) == kind)
                into[kept++] = into[i];
        }

        into.RemoveRange(kept, into.Count - kept);
    }

    /// <inheritdoc/>
    /// <remarks>
    /// Looks at as many pages as are wanted, and at more of the queue the more urgent it is; at priority 0 at all of it
    /// as often as it can take.
    /// </remarks>
    public virtual void Select(ref ScanRequest request, List<Pfn> victims)
    {
        long budget = request.Wanted + ((queue.Count * laps) >> request.Priority);
        int wanted = victims.Count + request.Wanted;
        for (; budget > 0 && queue.Count > 0 && victims.Count < wanted; budget--)
        {
            var page = new Pfn(queue.Tail);
            request.Look(Context.References.KindOf(page));
            Removed(page);
            int referenced = Context.References.TestAndClear(page, out _, out bool locked);
            ref PageFrame frame = ref Context.Map[page];
            bool used = referenced > 0 || (frame.Flags & PageFlags.Referenced) != 0;
            frame.Flags &= ~PageFlags.Referenced;
            bool goes = Judge(ref frame, used) == Verdict.Goes && !locked && request.MayTake(Context, page);
            if (goes)
                victims.Add(page);
            else
                Append(page);
        }
    }

    /// <summary>Says whether a page goes.</summary>
    /// <param name="frame">Its descriptor.</param>
    /// <param name="used">Whether it was used since it was looked at last.</param>
    protected abstract Verdict Judge(ref PageFrame frame, bool used);

    /// <summary>Makes a page that the queue has the youngest.</summary>
    protected void Renew(Pfn page)
    {
        Removed(page);
        Append(page);
    }

    /// <summary>Makes those the youngest, in their order, that were used since this was last asked.</summary>
    protected void RenewUsed()
    {
        uint pfn = queue.Tail;
        for (long i = queue.Count; i > 0; i--)
        {
            uint younger = Context.Map.Frames[pfn].Prev;
            if (Context.References.TestAndClear(new Pfn(pfn), out _, out _) > 0)
                Renew(new Pfn(pfn));
            pfn = younger;
        }
    }

    private void Append(Pfn page)
    {
        queue.AddHead(Context.Map.Frames, page.Value);
        counts[(int)Context.References.KindOf(page)]++;
    }
}
