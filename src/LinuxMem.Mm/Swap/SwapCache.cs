using LinuxMem.Arch.Addresses;
using LinuxMem.Simulation;

namespace LinuxMem.Mm.Swap;

/// <summary>
/// The pages that are both in memory and in swap, by entry: where concurrent faults on one page meet, and what spares a
/// page that was not changed since it came back a second write.
/// </summary>
/// <remarks>
/// Linux: mm/swap_state.c: swap_cache_add_folio, swap_cache_get_folio, v6.18. Owned with the swap map.
/// </remarks>
public sealed class SwapCache
{
    private readonly Dictionary<SwapEntry, Pfn> pages = [];

    /// <summary>Pages in it (SwapCached).</summary>
    public int Count => pages.Count;

    /// <summary>The frame of an entry, or none.</summary>
    public Pfn Find(SwapEntry entry) => pages.GetValueOrDefault(entry);

    /// <summary>Takes a page in. Precondition: its entry has none.</summary>
    public void Add(SwapEntry entry, Pfn page)
    {
        KernelBug.Assert(!page.IsNone && pages.TryAdd(entry, page), $"{entry} has two pages in the swap cache");
    }

    /// <summary>Lets a page go and returns it. Precondition: it is there.</summary>
    public Pfn Remove(SwapEntry entry)
    {
        KernelBug.Assert(pages.Remove(entry, out Pfn page), $"{entry} has no page in the swap cache");
        return page;
    }
}
