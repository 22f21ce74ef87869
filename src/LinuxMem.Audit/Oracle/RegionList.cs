using System.Runtime.CompilerServices;

namespace LinuxMem.Audit.Oracle;

/// <summary>The regions of an address space, disjoint and ascending. Keeps count of each object's regions.</summary>
/// <param name="pageShift">log2 of the page size in bytes.</param>
internal sealed class RegionList(int pageShift)
{
    private Region[] regions = new Region[4];
    private int count;
    private int lastHit;

    /// <summary>The regions in order.</summary>
    public ReadOnlySpan<Region> Items => regions.AsSpan(0, count);

    /// <summary>The index of the region that holds an address, or -1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Find(ulong va)
    {
        int hit = lastHit;
        if (hit < count && va >= regions[hit].Start && va < regions[hit].End)
            return hit;
        return Search(va);
    }

    /// <summary>Adds a region. Precondition: nothing is mapped there.</summary>
    public void Insert(in Region region)
    {
        if (count == regions.Length)
            Array.Resize(ref regions, count * 2);
        int at = FirstEndingAfter(region.Start);
        Array.Copy(regions, at, regions, at + 1, count - at);
        regions[at] = region;
        count++;
        if (region.Object != null)
            region.Object.Mappings++;
    }

    /// <summary>Takes a range out, cutting regions at its edges, and adds what was taken to a list, in order.</summary>
    public void Remove(ulong start, ulong end, List<Region> removed)
    {
        int at = FirstEndingAfter(start);
        while (at < count && regions[at].Start < end)
        {
            Region region = regions[at];
            Array.Copy(regions, at + 1, regions, at, count - at - 1);
            regions[--count] = default;
            ulong cutStart = Math.Max(region.Start, start);
            ulong cutEnd = Math.Min(region.End, end);
            removed.Add(region.Part(cutStart, cutEnd, pageShift));
            if (region.Start < cutStart)
                Insert(region.Part(region.Start, cutStart, pageShift));
            if (cutEnd < region.End)
                Insert(region.Part(cutEnd, region.End, pageShift));
            if (region.Object != null)
                region.Object.Mappings--;
            at = FirstEndingAfter(start);
        }
    }

    /// <summary>A copy, whose regions count as mappings of their objects too.</summary>
    public RegionList Clone()
    {
        RegionList copy = new(pageShift);
        foreach (ref readonly Region region in Items)
            copy.Insert(in region);
        return copy;
    }

    private int Search(ulong va)
    {
        int at = FirstEndingAfter(va);
        if (at >= count || va < regions[at].Start)
            return -1;
        lastHit = at;
        return at;
    }

    private int FirstEndingAfter(ulong va)
    {
        int low = 0;
        int high = count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (regions[middle].End > va)
                high = middle;
            else
                low = middle + 1;
        }

        return low;
    }
}
