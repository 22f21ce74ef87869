using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.Memcg;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.Stats;

namespace LinuxMem.Mm.Lru;

/// <summary>
/// The pages that can leave, as a policy orders them; keeps the flag that says which frames the policy has (PG_lru).
/// Where there are memory cgroups, each has lists of its own.
/// </summary>
/// <remarks>Linux: include/linux/mmzone.h: struct lruvec, v6.18; one for the machine, or one for each group.</remarks>
public sealed partial class Lruvec
{
    // Above what a policy says of a page that leaves: whose list it was on.
    private const int GroupShift = 48;
    private readonly MemMap map;
    private readonly IReplacementPolicy policy;
    private readonly IReplacementPolicy[] ofGroups;
    private readonly MemCgroups? groups;

    /// <summary>Ordered by a policy.</summary>
    public Lruvec(MemMap map, IReplacementPolicy policy, VmStat? stat = null)
    {
        this.stat = stat ?? new VmStat();
        this.map = map;
        this.policy = policy;
        ofGroups = [policy];
    }

    /// <summary>Ordered by a policy for each group.</summary>
    public Lruvec(MemMap map, MemCgroups groups, IReplacementPolicy[] ofGroups, VmStat stat)
        : this(map, ofGroups[0], stat)
    {
        this.ofGroups = ofGroups;
        this.groups = groups;
    }

    /// <summary>The policy; that of the root where there are groups.</summary>
    public IReplacementPolicy Policy => policy;

    /// <summary>Pages of a kind that the policy has.</summary>
    public long Count(PageKind kind, bool active)
    {
        long count = policy.Count(kind, active);
        for (int i = 1; i < ofGroups.Length; i++)
            count += ofGroups[i].Count(kind, active);
        return count;
    }

    /// <summary>The same of one group alone.</summary>
    public long CountOf(int group, PageKind kind, bool active) => ofGroups[group].Count(kind, active);

    /// <summary>Pages of one group alone, of all kinds.</summary>
    public long CountOf(int group) => CountOf(group, PageKind.Anon, false) + CountOf(group, PageKind.Anon, true)
        + CountOf(group, PageKind.File, false) + CountOf(group, PageKind.File, true);

    /// <summary>Adds those pages to a list: for the audit.</summary>
    public void List(PageKind kind, bool active, List<Pfn> into)
    {
        foreach (IReplacementPolicy one in ofGroups)
            one.List(kind, active, into);
    }

    /// <summary>A page that can leave has come; see <see cref="IReplacementPolicy.Added"/>.</summary>
    public void Add(Pfn page, ulong refault = 0)
    {
        map[page].Flags |= PageFlags.Lru;
        // What another group's lists say of it means nothing here.
        if (groups is not null)
            refault = refault >> GroupShift == (ulong)groups.PayerOf(page) ? refault & ((1UL << GroupShift) - 1) : 0;
        Of(page).Added(page, refault);
    }

    /// <summary>A page is freed, or can leave no more. One that is on no list is left alone.</summary>
    public void Remove(Pfn page)
    {
        ref PageFrame frame = ref map[page];
        if ((frame.Flags & PageFlags.Lru) == 0)
            return;
        if ((frame.Flags & PageFlags.Unevictable) != 0)
            RemoveUnevictable(page, ref frame);
        else
            Of(page).Removed(page);
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
        if ((from.Flags & PageFlags.Unevictable) != 0)
            ReplaceUnevictable(old, replacement);
        else
            Of(old).Replaced(old, replacement);
        from.Flags &= ~(PageFlags.Lru | PageFlags.Active | PageFlags.Unevictable);
    }

    /// <summary>The kernel used a page (mark_page_accessed).</summary>
    public void Touch(Pfn page)
    {
        if ((map[page].Flags & (PageFlags.Lru | PageFlags.Unevictable)) == PageFlags.Lru)
            Of(page).Accessed(page);
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
        Of(page).Removed(page);
        frame.Flags &= ~PageFlags.Active;
        Of(page).Added(page, 0);
        return true;
    }

    /// <summary>Takes a page off its list, so that it can be made to leave; false if it is on none.</summary>
    /// <remarks>Linux: mm/vmscan.c: folio_isolate_lru, v6.18.</remarks>
    public bool TryIsolate(Pfn page)
    {
        if ((map[page].Flags & (PageFlags.Lru | PageFlags.Unevictable)) != PageFlags.Lru)
            return false;
        Remove(page);
        return true;
    }

    /// <summary>
    /// An anonymous page that its owner does not need any more becomes one that can be dropped, among the pages of
    /// files. Precondition: a list has it, swap does not.
    /// </summary>
    /// <remarks>Linux: mm/swap.c: lru_lazyfree, v6.18.</remarks>
    public void MakeLazyFree(Pfn page)
    {
        Remove(page);
        map[page].Flags &= ~(PageFlags.Referenced | PageFlags.SwapBacked);
        Add(page);
    }

    /// <summary>Pages that should leave; they are on no list until they are returned.</summary>
    public void Select(ref ScanRequest request, List<Pfn> victims) => SelectOf(0, ref request, victims);

    /// <summary>The same of one group alone.</summary>
    public void SelectOf(int group, ref ScanRequest request, List<Pfn> victims)
    {
        int first = victims.Count;
        ofGroups[group].Select(ref request, victims);
        for (int i = first; i < victims.Count; i++)
            map[victims[i]].Flags &= ~(PageFlags.Lru | PageFlags.Active);
    }

    /// <summary>
    /// An attempt to get memory back is over, for a group and those below it, or (null) all of the machine.
    /// </summary>
    public void AttemptOver(MemCgroup? target)
    {
        if (groups is null)
        {
            policy.AttemptOver();
            return;
        }

        foreach (MemCgroup group in groups.All)
        {
            if (target is null || group.IsWithin(target))
                ofGroups[group.Id].AttemptOver();
        }
    }

    /// <summary>A page that was to leave stays.</summary>
    public void Return(Pfn page, KeepReason why)
    {
        map[page].Flags |= PageFlags.Lru;
        Of(page).Returned(page, why);
    }

    /// <summary>A page that was to leave has left; see <see cref="IReplacementPolicy.Evicted"/>.</summary>
    public ulong Evict(Pfn page)
    {
        ulong shadow = Of(page).Evicted(page);
        return groups is null || shadow == 0 ? shadow
            : (shadow & ((1UL << GroupShift) - 1)) | ((ulong)groups.PayerOf(page) << GroupShift);
    }

    private IReplacementPolicy Of(Pfn page) => groups is null ? policy : ofGroups[groups.PayerOf(page)];
}
