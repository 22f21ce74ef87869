using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.MemMaps;

namespace LinuxMem.Mm.Lru;

/// <summary>
/// The pages that can leave, as a policy orders them; keeps the flag that says which frames the policy has (PG_lru).
/// </summary>
/// <remarks>Linux: include/linux/mmzone.h: struct lruvec, v6.18; one for the machine.</remarks>
public sealed class Lruvec
{
    private readonly MemMap map;
    private readonly IReplacementPolicy policy;

    /// <summary>Ordered by a policy.</summary>
    public Lruvec(MemMap map, IReplacementPolicy policy)
    {
        this.map = map;
        this.policy = policy;
    }

    /// <summary>The policy.</summary>
    public IReplacementPolicy Policy => policy;

    /// <summary>Pages of a kind that the policy has.</summary>
    public long Count(PageKind kind, bool active) => policy.Count(kind, active);

    /// <summary>Adds those pages to a list: for the audit.</summary>
    public void List(PageKind kind, bool active, List<Pfn> into) => policy.List(kind, active, into);

    /// <summary>A page that can leave has come; see <see cref="IReplacementPolicy.Added"/>.</summary>
    public void Add(Pfn page, ulong refault = 0)
    {
        map[page].Flags |= PageFlags.Lru;
        policy.Added(page, refault);
    }

    /// <summary>A page is freed, or can leave no more. One that is on no list is left alone.</summary>
    public void Remove(Pfn page)
    {
        ref PageFrame frame = ref map[page];
        if ((frame.Flags & PageFlags.Lru) == 0)
            return;
        policy.Removed(page);
        frame.Flags &= ~(PageFlags.Lru | PageFlags.Active);
    }

    /// <summary>A page moves to another frame, which has its descriptor's place already. Precondition: a list has it.
    /// </summary>
    /// <remarks>Linux: mm/migrate.c: folio_migrate_flags, v6.18.</remarks>
    public void Replace(Pfn old, Pfn replacement)
    {
        ref PageFrame from = ref map[old];
        ref PageFrame to = ref map[replacement];
        to.Flags = from.Flags;
        to.Age = from.Age;
        policy.Replaced(old, replacement);
        from.Flags &= ~(PageFlags.Lru | PageFlags.Active);
    }

    /// <summary>The kernel used a page (mark_page_accessed).</summary>
    public void Touch(Pfn page)
    {
        if ((map[page].Flags & PageFlags.Lru) != 0)
            policy.Accessed(page);
    }

    /// <summary>
    /// Somebody says that a page is not needed soon (folio_deactivate): it begins anew, as a page that was used once.
    /// False if it was not active.
    /// </summary>
    public bool Deactivate(Pfn page)
    {
        ref PageFrame frame = ref map[page];
        const PageFlags active = PageFlags.Lru | PageFlags.Active;
        if ((frame.Flags & active) != active)
            return false;
        policy.Removed(page);
        frame.Flags &= ~PageFlags.Active;
        policy.Added(page, 0);
        return true;
    }

    /// <summary>Pages that should leave; they are on no list until they are returned.</summary>
    public void Select(ref ScanRequest request, List<Pfn> victims)
    {
        int first = victims.Count;
        policy.Select(ref request, victims);
        for (int i = first; i < victims.Count; i++)
            map[victims[i]].Flags &= ~(PageFlags.Lru | PageFlags.Active);
    }

    /// <summary>A page that was to leave stays.</summary>
    public void Return(Pfn page, KeepReason why)
    {
        map[page].Flags |= PageFlags.Lru;
        policy.Returned(page, why);
    }

    /// <summary>A page that was to leave has left; see <see cref="IReplacementPolicy.Evicted"/>.</summary>
    public ulong Evict(Pfn page) => policy.Evicted(page);
}
