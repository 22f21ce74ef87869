namespace LinuxMem.Mm.Lru;

/// <summary>
/// The misses of LRU at every size of memory, from one pass over a reference string: a reference hits if fewer other
/// pages were used since the page was used last than there are frames.
/// </summary>
/// <remarks>
/// R. L. Mattson and others, Evaluation techniques for storage hierarchies, 1970. The pages used since are counted by a
/// Fenwick tree over moments of last use, O(log pages) a reference; when moments run out, those that still count are
/// numbered anew, so that memory grows with the pages and not with the string.
/// </remarks>
public sealed class StackDistances
{
    private const int FirstMoments = 1024;
    private readonly List<long> hits = [];
    private readonly List<int> lastUse = [];
    private int[] tree = new int[FirstMoments + 1];
    private int[] pageAt = new int[FirstMoments + 1];
    private int now;
    private long references;

    /// <summary>Different pages so far.</summary>
    public int Pages => lastUse.Count;

    /// <summary>The next reference.</summary>
    /// <param name="page">A page; pages are numbered from 0 in the order of their first use.</param>
    public void Add(int page)
    {
        references++;
        if (now == pageAt.Length - 1)
            Renumber();
        now++;
        if (page == lastUse.Count)
        {
            lastUse.Add(0);
        }
        else
        {
            int last = lastUse[page];
            int others = Pages - UsedUpTo(last);
            while (hits.Count <= others)
                hits.Add(0);
            hits[others]++;
            Count(last, -1);
            pageAt[last] = -1;
        }

        lastUse[page] = now;
        pageAt[now] = page;
        Count(now, 1);
    }

    /// <summary>The page that was used last is used so many times more.</summary>
    public void AddAgain(long times)
    {
        references += times;
        if (hits.Count == 0)
            hits.Add(0);
        hits[0] += times;
    }

    /// <summary>References that miss with so many frames; at least 1.</summary>
    public long Misses(int frames)
    {
        long misses = references;
        for (int others = 0; others < Math.Min(frames, hits.Count); others++)
            misses -= hits[others];
        return misses;
    }

    private void Renumber()
    {
        int moments = Math.Max(FirstMoments, 2 * Pages);
        var order = new int[moments + 1];
        int count = 0;
        for (int moment = 1; moment <= now; moment++)
        {
            if (pageAt[moment] >= 0)
                order[++count] = pageAt[moment];
        }

        pageAt = order;
        tree = new int[moments + 1];
        now = count;
        for (int moment = 1; moment <= now; moment++)
        {
            lastUse[order[moment]] = moment;
            Count(moment, 1);
        }
    }

    private void Count(int moment, int change)
    {
        for (; moment < tree.Length; moment += moment & -moment)
            tree[moment] += change;
    }

    private int UsedUpTo(int moment)
    {
        int count = 0;
        for (; moment > 0; moment -= moment & -moment)
            count += tree[moment];
        return count;
    }
}
