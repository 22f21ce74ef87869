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
    private readonly Dictionary<(int Mm, ulong Va), (ulong Contents, long Scan)> seen = [];
    private long scan;

    /// <summary>Pages that wait for an equal one (pages_unshared).</summary>
    public long Count { get; private set; }

    /// <summary>Pages whose contents are known from a scan.</summary>
    public long Seen => seen.Count;

    /// <summary>Notes what is in a page; whether it was the same when it was met last.</summary>
    public bool IsSteady(in KsmPlace place, ulong contents)
    {
        (int Id, ulong Va) key = (place.Mm.Id, place.Va);
        bool steady = seen.TryGetValue(key, out (ulong Contents, long Scan) last) && last.Contents == contents;
        seen[key] = (contents, scan);
        return steady;
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
}
