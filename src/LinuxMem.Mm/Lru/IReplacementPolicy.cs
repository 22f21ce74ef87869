using LinuxMem.Arch.Addresses;

namespace LinuxMem.Mm.Lru;

/// <summary>
/// Page replacement: which pages leave when memory is short. A policy keeps the pages that can leave in whatever order
/// it likes; it is told of every moment that matters to it, and asked for victims.
/// </summary>
/// <remarks>
/// The moments, for each page: <see cref="Added"/>, then any number of <see cref="Accessed"/>; <see cref="Select"/>
/// hands it out, after which it is no more the policy's, until either <see cref="Returned"/> brings it back or
/// <see cref="Evicted"/> says that it is gone; <see cref="Removed"/> when it is freed for another reason while the
/// policy has it. A policy may use a frame's Next, Prev and Age, and the flags Active and Referenced, as it likes while
/// it has the page; and what <see cref="IPageReferences"/> tells of accesses.
/// </remarks>
public interface IReplacementPolicy
{
    /// <summary>Its name in scenarios.</summary>
    string Name { get; }

    /// <summary>A page that can leave has come to memory.</summary>
    /// <param name="page">Its frame.</param>
    /// <param name="refault">What <see cref="Evicted"/> said of it when it left, or 0 if it was not here
    /// before.</param>
    void Added(Pfn page, ulong refault);

    /// <summary>The kernel itself used a page: a read or write call (mark_page_accessed).</summary>
    void Accessed(Pfn page);

    /// <summary>A page that the policy has is freed, or may leave no more.</summary>
    void Removed(Pfn page);

    /// <summary>
    /// A page that the policy has moves to another frame, whose flags and age are the old one's. Unless a policy knows
    /// better, it goes and comes anew.
    /// </summary>
    void Replaced(Pfn old, Pfn replacement)
    {
        Removed(old);
        Added(replacement, 0);
    }

    /// <summary>
    /// Hands out pages that should leave: about as many as asked for (who looks at pages in batches may hand out a
    /// batch more), none that <see cref="IPageReferences"/> says is locked, and no anonymous ones without room in swap.
    /// </summary>
    /// <param name="request">How many, of which kinds.</param>
    /// <param name="victims">They are added here, those to go first first.</param>
    void Select(ref ScanRequest request, List<Pfn> victims);

    /// <summary>A page that was handed out stays.</summary>
    /// <param name="page">Its frame.</param>
    /// <param name="why">Why.</param>
    void Returned(Pfn page, KeepReason why);

    /// <summary>
    /// A page that was handed out has left. What is answered is kept with its place on disk and shown to
    /// <see cref="Added"/> when it comes back; 0 keeps nothing.
    /// </summary>
    ulong Evicted(Pfn page);

    /// <summary>
    /// An attempt to get memory back, of one call of <see cref="Select"/> or several at rising urgency, is over.
    /// </summary>
    /// <remarks>Linux: mm/vmscan.c: snapshot_refaults, v6.18.</remarks>
    void AttemptOver()
    {
    }

    /// <summary>Pages that the policy has, of a kind, active or not.</summary>
    long Count(PageKind kind, bool active);

    /// <summary>Adds those pages to a list, found by going through all that the policy has: for the audit.</summary>
    void List(PageKind kind, bool active, List<Pfn> into);
}

/// <summary>Where a page goes when it leaves.</summary>
public enum PageKind
{
    /// <summary>To swap: memory of processes, shared memory.</summary>
    Anon,

    /// <summary>To its file.</summary>
    File,
}

/// <summary>Why a page that should have left stays.</summary>
public enum KeepReason
{
    /// <summary>It was used meanwhile.</summary>
    Used,

    /// <summary>It is being written, or has to be first.</summary>
    Writeback,

    /// <summary>There is no place in swap.</summary>
    NoSwap,

    /// <summary>It is locked in memory (mlock).</summary>
    Locked,
}

/// <summary>What a policy is asked for, and what came of it.</summary>
public struct ScanRequest
{
    /// <summary>Pages wanted.</summary>
    public int Wanted;

    /// <summary>How urgent: 12 at first, 0 at last (scan_control.priority).</summary>
    public int Priority;

    /// <summary>Whether anonymous pages can leave: there is room in swap.</summary>
    public bool MaySwap;

    /// <summary>Free pages of the machine.</summary>
    public long FreePages;

    /// <summary>Answer: pages looked at.</summary>
    public int Scanned;

    /// <summary>Answer: of those, pages of files that could have left.</summary>
    public int ScannedFile;

    /// <summary>Answer: of those, pages that were only put in order, as active ones are.</summary>
    public int Refilled;

    /// <summary>Pages of a kind have been looked at, to leave or to stay.</summary>
    internal void Look(PageKind kind, int pages = 1)
    {
        Scanned += pages;
        ScannedFile += kind == PageKind.File ? pages : 0;
    }

    /// <summary>Pages have been looked at, none of which could leave at once.</summary>
    internal void Refill(int pages)
    {
        Scanned += pages;
        Refilled += pages;
    }

    /// <summary>Whether a page could leave at all: files always, others if there is room in swap.</summary>
    internal readonly bool MayTake(PolicyContext context, Pfn page) =>
        MaySwap || context.References.KindOf(page) == PageKind.File;
}
