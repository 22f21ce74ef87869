using LinuxMem.Arch.Addresses;

namespace LinuxMem.Mm.Ksm;

/// <summary>A page of an address space, as the scan has met it.</summary>
/// <param name="Mm">The address space.</param>
/// <param name="Va">The page's address.</param>
/// <param name="Page">Its frame then.</param>
internal readonly record struct KsmPlace(Mm Mm, ulong Va, Pfn Page);

/// <summary>
/// What a full scan remembers: pages that did not change since the last one, by contents; and what every page had in
/// it.
/// </summary>
/// <remarks>Linux: mm/ksm.c: the unstable tree, struct ksm_rmap_item: oldchecksum, v6.18.</remarks>
internal sealed class UnstablePages
{
    private readonly Dictionary<ulong, List<KsmPlace>> byContents = [];
    private readonly Dictionary<(int Mm, ulong Va), Item> seen = [];
    private const int YoungAge = 3;
    private long scan;

    /// <summary>Pages that wait for an equal one (pages_unshared).</summary>
    public long Count { get; private set; }

    /// <summary>Pages whose contents are known from a scan.</summary>
    public long Seen => seen.Count;

    /// <summary>Notes what is in a page; whether it was the same when it was met last.</summary>
    public bool IsSteady(in KsmPlace place, ulong contents)
    {
        (int Id, ulong Va) key = (place.Mm.Id, place.Va);
        bool isKnown = seen.TryGetValue(key, out Item last);
        seen[key] = isKnown ? last with { Contents = contents, Scan = scan } : new Item(contents, scan, 1, 0);
        return isKnown && last.Contents == contents;
    }

    /// <summary>
    /// Whether a page is left out this time: one that was met often is left out once, twice, four and eight times in a
    /// row.
    /// </summary>
    /// <remarks>Linux: mm/ksm.c: should_skip_rmap_item, skip_age, v6.18.</remarks>
    public bool IsLeftOut(in KsmPlace place)
    {
        (int Id, ulong Va) key = (place.Mm.Id, place.Va);
        if (!seen.TryGetValue(key, out Item item))
            return false;
        int age = item.Age;
        item = item with { Age = Math.Min(age + 1, byte.MaxValue) };
        bool isLeftOut = age >= YoungAge && item.Skips > 0;
        if (isLeftOut)
            item = item with { Skips = item.Skips - 1, Scan = scan };
        else if (age >= YoungAge)
            item = item with { Skips = age <= 3 ? 1 : age <= 5 ? 2 : age <= 8 ? 4 : 8 };
        seen[key] = item;
        return isLeftOut;
    }

    /// <summary>Takes a page out that had these contents and suits; false if there is none.</summary>
    public bool TryTake(ulong contents, Func<KsmPlace, bool> suits, out KsmPlace found)
    {
        found = default;
        if (!byContents.TryGetValue(contents, out List<KsmPlace>? places))
            return false;
        for (int i = 0; i < places.Count; i++)
        {
            if (!suits(places[i]))
                continue;
            found = places[i];
            places.RemoveAt(i);
            Count--;
            return true;
        }

        return false;
    }

    /// <summary>A page waits for an equal one.</summary>
    public void Add(in KsmPlace place, ulong contents)
    {
        if (!byContents.TryGetValue(contents, out List<KsmPlace>? places))
            byContents.Add(contents, places = []);
        places.Add(place);
        Count++;
    }

    /// <summary>A full scan is over: who waits waits no more, and pages that were not met are forgotten.</summary>
    public void EndScan()
    {
        byContents.Clear();
        Count = 0;
        List<(int, ulong)> gone = [.. seen.Where(s => s.Value.Scan < scan).Select(s => s.Key)];
        foreach ((int, ulong) key in gone)
            seen.Remove(key);
        scan++;
    }

    /// <summary>What is known of a page (struct ksm_rmap_item).</summary>
    private readonly record struct Item(ulong Contents, long Scan, int Age, int Skips);
}
