using System.Numerics;

namespace LinuxMem.Mm.Filemap;

/// <summary>
/// Which pages of one file's cache are folios of several pages: a fault maps such pages together, and a cut or advice
/// that takes a part of them alone may have to leave them whole.
/// </summary>
/// <remarks>
/// Linux: mm/filemap.c: __filemap_get_folio; mm/huge_memory.c: folio_split; fs/ext4/inode.c:
/// ext4_set_inode_mapping_order, v6.18. Frames are still had one by one: what is kept is which of them Linux would have
/// taken as one block. Only writes make large folios here; those of readahead have one page.
/// </remarks>
public sealed class LargeFolios
{
    /// <summary>Order of the largest: a huge page (PREFERRED_MAX_PAGECACHE_ORDER).</summary>
    public const int OrderMax = 9;

    private readonly Dictionary<uint, int> orders = []; // by first page; nobody goes through them in order

    /// <summary>The large folio that a page belongs to; false if it is alone.</summary>
    public bool TryFind(ulong index, out Folio folio)
    {
        for (int order = orders.Count == 0 ? 0 : OrderMax; order > 0; order--)
        {
            ulong first = index & ~((1UL << order) - 1);
            if (first > uint.MaxValue || !orders.TryGetValue((uint)first, out int known) || known != order)
                continue;
            folio = new Folio((uint)first, order);
            return true;
        }

        folio = default;
        return false;
    }

    /// <summary>
    /// A range of pages with all of the folios at its edges: who writes out a part of one writes out all of it.
    /// </summary>
    public (ulong First, ulong End) Widen(ulong first, ulong end)
    {
        if (first >= end)
            return (first, end);
        ulong from = TryFind(first, out Folio head) ? head.First : first;
        return (from, TryFind(end - 1, out Folio tail) ? tail.End : end);
    }

    /// <summary>Takes one in. Precondition: none of its pages is in another.</summary>
    public void Add(Folio folio) => orders.Add(folio.First, folio.Order);

    /// <summary>The pages of the folio that a page belongs to are alone from here on.</summary>
    public void Dissolve(ulong index)
    {
        if (TryFind(index, out Folio folio))
            orders.Remove(folio.First);
    }

    /// <summary>
    /// Splits the folio that a page belongs to until that page is alone: of each half, the one without it stays whole.
    /// </summary>
    /// <remarks>Linux: mm/huge_memory.c: __split_unmapped_folio, not uniform, v6.18.</remarks>
    public void Split(ulong index)
    {
        if (!TryFind(index, out Folio folio))
            return;
        orders.Remove(folio.First);
        uint first = folio.First;
        for (int order = folio.Order - 1; order >= 0; order--)
        {
            uint half = 1U << order;
            bool isUpper = index >= first + (ulong)half;
            if (order > 0)
                orders.Add(isUpper ? first : first + half, order);
            first += isUpper ? half : 0;
        }
    }

    /// <summary>
    /// Order of the folio that a write asks for: no larger than what it has left to write, and aligned to itself.
    /// </summary>
    /// <param name="index">The page that is written next, and that the cache does not have.</param>
    /// <param name="bytes">What is left to be written from there on.</param>
    /// <param name="pageShift">log2 of the bytes of a page.</param>
    /// <remarks>Linux: include/linux/pagemap.h: fgf_set_order, v6.18.</remarks>
    public static int OrderFor(uint index, ulong bytes, int pageShift)
    {
        int order = Math.Clamp(BitOperations.Log2(bytes) - pageShift, 0, OrderMax);
        return Math.Min(order, BitOperations.TrailingZeroCount(index));
    }

    /// <summary>
    /// The largest order up to the one wanted with which no page meets one that the cache has already.
    /// </summary>
    /// <param name="order">The order wanted.</param>
    /// <param name="pages">The frames of the pages from the first on, 0 where there is none.</param>
    public static int FreeOrder(int order, ReadOnlySpan<uint> pages)
    {
        while (order > 0 && pages[..(1 << order)].ContainsAnyExcept(0U))
            order--;
        return order;
    }
}
