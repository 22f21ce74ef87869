namespace LinuxMem.Mm.Vfs;

/// <summary>Where the pages of a file lie on its disk; others are holes, or were never written.</summary>
/// <remarks>Linux: fs/ext4/extents.c, v6.18: a tree there, a sorted list here.</remarks>
public sealed class ExtentMap
{
    private readonly List<Extent> extents = [];
    private readonly uint sectorsPerPage;

    /// <summary>An empty map; a page has so many sectors.</summary>
    public ExtentMap(uint sectorsPerPage) => this.sectorsPerPage = sectorsPerPage;

    /// <summary>Number of extents.</summary>
    public int Count => extents.Count;

    /// <summary>The first sector of a page; false for a hole.</summary>
    public bool TryFind(uint index, out ulong sector)
    {
        int at = LastAtOrBefore(index);
        sector = 0;
        if (at < 0 || index - extents[at].First >= extents[at].Pages)
            return false;
        sector = extents[at].Sector + ((index - extents[at].First) * (ulong)sectorsPerPage);
        return true;
    }

    /// <summary>The page that lies at a sector; false if none does.</summary>
    public bool TryFindPage(ulong sector, out uint index)
    {
        foreach (Extent extent in extents)
        {
            if (sector < extent.Sector || sector >= extent.Sector + (extent.Pages * (ulong)sectorsPerPage))
                continue;
            index = extent.First + (uint)((sector - extent.Sector) / sectorsPerPage);
            return true;
        }

        index = 0;
        return false;
    }

    /// <summary>Adds pages that lie at a sector and what follows it. Precondition: all of them are holes.</summary>
    public void Add(uint first, uint pages, ulong sector)
    {
        int at = LastAtOrBefore(first);
        if (at >= 0 && extents[at] is var before && before.First + before.Pages == first
            && before.Sector + (before.Pages * (ulong)sectorsPerPage) == sector)
            extents[at] = before with { Pages = before.Pages + pages };
        else
            extents.Insert(at + 1, new Extent(first, pages, sector));
    }

    /// <summary>Makes the pages from one on, up to and without another, holes.</summary>
    public void Cut(ulong first, ulong end)
    {
        for (int i = extents.Count - 1; i >= 0; i--)
        {
            Extent extent = extents[i];
            ulong extentEnd = (ulong)extent.First + extent.Pages;
            if (extentEnd <= first || extent.First >= end)
                continue;
            extents.RemoveAt(i);
            if (extentEnd > end)
            {
                uint skipped = (uint)(end - extent.First);
                extents.Insert(i, new Extent((uint)end, extent.Pages - skipped,
                    extent.Sector + (skipped * (ulong)sectorsPerPage)));
            }

            if (extent.First < first)
                extents.Insert(i, extent with { Pages = (uint)(first - extent.First) });
        }
    }

    private int LastAtOrBefore(uint index)
    {
        int low = 0;
        int high = extents.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (extents[middle].First <= index)
                low = middle + 1;
            else
                high = middle;
        }

        return low - 1;
    }

    private readonly record struct Extent(uint First, uint Pages, ulong Sector);
}
