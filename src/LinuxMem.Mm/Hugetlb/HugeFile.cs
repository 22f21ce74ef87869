namespace LinuxMem.Mm.Hugetlb;

/// <summary>What a file of huge pages has of its pool: pages that are there, and pages promised to it.</summary>
/// <remarks>
/// Linux: fs/hugetlbfs/inode.c; mm/hugetlb.c: inode_resv_map, hugetlb_reserve_pages, hugetlb_unreserve_pages, v6.18.
/// Indexes count huge pages.
/// </remarks>
public sealed class HugeFile
{
    private readonly SortedSet<ulong> promised = [];
    private readonly SortedSet<ulong> present = [];

    /// <summary>A file without pages.</summary>
    /// <param name="pool">Where its pages come from.</param>
    /// <param name="reservesWhenMade">See <see cref="ReservesWhenMade"/>.</param>
    public HugeFile(HugePool pool, bool reservesWhenMade = false)
    {
        Pool = pool;
        ReservesWhenMade = reservesWhenMade;
    }

    /// <summary>Where its pages come from.</summary>
    public HugePool Pool { get; }

    /// <summary>
    /// Whether its pages were promised when it was made, and mappings ask for none: System V segments.
    /// </summary>
    public bool ReservesWhenMade { get; }

    /// <summary>Pages that are there.</summary>
    public long PresentPages => present.Count;

    /// <summary>Pages promised to it that are not there yet.</summary>
    public long PromisedPages => promised.Count - present.Count;

    /// <summary>Whether a page is there.</summary>
    public bool Has(ulong index) => present.Contains(index);

    /// <summary>
    /// Has the pages of a range promised to the file, whoever maps it; false if there are not as many.
    /// </summary>
    public bool TryReserve(ulong from, ulong to)
    {
        long known = promised.Count == 0 || from >= to ? 0 : promised.GetViewBetween(from, to - 1).Count;
        if (to - from < (ulong)known || !Pool.TryReserve(to - from - (ulong)known))
            return false;
        for (ulong index = from; index < to; index++)
            promised.Add(index);
        return true;
    }

    /// <summary>Makes a page be there; false if there is none to be had.</summary>
    public bool TryTake(ulong index)
    {
        if (present.Contains(index))
            return true;
        if (!Pool.TryTake(promised.Contains(index)))
            return false;
        promised.Add(index);
        present.Add(index);
        return true;
    }

    /// <summary>Takes the pages of a range away; promises without a page stay.</summary>
    public void Punch(ulong from, ulong to)
    {
        foreach (ulong index in Within(present, from, to))
        {
            present.Remove(index);
            promised.Remove(index);
            Pool.Put();
        }
    }

    /// <summary>Takes everything from an index on away, promises too.</summary>
    public void Truncate(ulong from)
    {
        Punch(from, ulong.MaxValue);
        ulong[] left = Within(promised, from, ulong.MaxValue);
        foreach (ulong index in left)
            promised.Remove(index);
        Pool.Unreserve(left.Length);
    }

    private static ulong[] Within(SortedSet<ulong> set, ulong from, ulong to) =>
        set.Count == 0 || from >= to ? [] : [.. set.GetViewBetween(from, to - 1)];
}
