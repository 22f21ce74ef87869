namespace LinuxMem.Mm.Hugetlb;

/// <summary>
/// The huge pages promised to a private mapping, as a whole when it is made; the parts that it is cut into share it.
/// </summary>
/// <remarks>
/// Linux: mm/hugetlb.c: struct resv_map of a VMA with HPAGE_RESV_OWNER, v6.18. A child of fork has none. Indexes count
/// huge pages of the file.
/// </remarks>
public sealed class HugeReserve
{
    private readonly HashSet<ulong> taken = [];

    /// <summary>Whether the promise for a page was not yet made use of.</summary>
    public bool Holds(ulong index) => !taken.Contains(index);

    /// <summary>The promise for a page is used.</summary>
    public void Use(ulong index) => taken.Add(index);

    /// <summary>The promise for a page stands again; false if it was not used.</summary>
    public bool Renew(ulong index) => taken.Remove(index);

    /// <summary>The promises of a range that were not used; it goes.</summary>
    public long Unused(ulong from, ulong count)
    {
        long used = 0;
        foreach (ulong index in taken)
            used += index - from < count ? 1 : 0;
        return (long)count - used;
    }
}
