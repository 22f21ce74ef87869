using LinuxMem.Simulation;

namespace LinuxMem.Mm.Hugetlb;

/// <summary>The huge pages of one size: how many there are, are free, and are promised.</summary>
/// <remarks>
/// Linux: mm/hugetlb.c: struct hstate, hugetlb_acct_memory, set_max_huge_pages, alloc_hugetlb_folio,
/// return_unused_surplus_pages, v6.18. The pool counts; the memory itself is taken in small pages when it is touched.
/// </remarks>
public sealed class HugePool
{
    private readonly long mostPages;

    /// <summary>An empty pool of pages of 2^<paramref name="shift"/> bytes, never more than fit into RAM.</summary>
    public HugePool(int shift, ulong ramBytes)
    {
        Shift = shift;
        mostPages = (long)(ramBytes >> shift);
    }

    /// <summary>log2 of the size of its pages in bytes.</summary>
    public int Shift { get; }

    /// <summary>Bytes of a page.</summary>
    public ulong Bytes => 1UL << Shift;

    /// <summary>Pages that there are (HugePages_Total).</summary>
    public long Total { get; private set; }

    /// <summary>Pages that nobody uses (HugePages_Free).</summary>
    public long Free { get; private set; }

    /// <summary>Pages promised and not yet taken (HugePages_Rsvd).</summary>
    public long Reserved { get; private set; }

    /// <summary>Pages beyond those that were asked for (HugePages_Surp).</summary>
    public long Surplus { get; private set; }

    /// <summary>Pages beyond those asked for that there may be (nr_overcommit_hugepages).</summary>
    public long SurplusMax { get; set; }

    /// <summary>Makes there be as many as told, as far as RAM, users and promises allow.</summary>
    public void SetCount(long pages)
    {
        long wanted = Math.Clamp(pages, 0, mostPages);
        long adopted = Math.Clamp(wanted - (Total - Surplus), 0, Surplus);
        Surplus -= adopted;
        long added = Math.Max(0, Math.Min(wanted - (Total - Surplus), mostPages - Total));
        Total += added;
        Free += added;
        long spare = Math.Clamp(Total - Surplus - wanted, 0, Math.Max(0, Free - Reserved));
        Total -= spare;
        Free -= spare;
        // What is in use beyond the wish goes when it is given back.
        Surplus += Math.Max(0, Total - Surplus - wanted);
    }

    /// <summary>Promises pages; false, and nothing changed, if there are not as many.</summary>
    public bool TryReserve(ulong pages)
    {
        if (pages > (ulong)(Total + SurplusMax))
            return false;
        long missing = Reserved + (long)pages - Free;
        if (missing > 0)
        {
            if (Surplus + missing > SurplusMax || Total + missing > mostPages)
                return false;
            Total += missing;
            Free += missing;
            Surplus += missing;
        }

        Reserved += (long)pages;
        return true;
    }

    /// <summary>Takes promises back.</summary>
    public void Unreserve(long pages)
    {
        KernelBug.Assert(pages >= 0 && pages <= Reserved, $"{pages} of {Reserved} reserved huge pages are given back");
        Reserved -= pages;
        long unused = Math.Min(Math.Min(pages, Surplus), Free - Reserved);
        Surplus -= unused;
        Total -= unused;
        Free -= unused;
    }

    /// <summary>Takes a page; one that was promised is there, another need not be.</summary>
    public bool TryTake(bool isReserved)
    {
        if (!isReserved && Free <= Reserved)
        {
            if (Surplus >= SurplusMax || Total >= mostPages)
                return false;
            Surplus++;
            Total++;
            return true;
        }

        Free--;
        Reserved -= isReserved ? 1 : 0;
        return true;
    }

    /// <summary>Gives a page back; <paramref name="isReserved"/>: it is promised again.</summary>
    public void Put(bool isReserved = false)
    {
        if (Surplus > 0 && !isReserved)
        {
            Surplus--;
            Total--;
            return;
        }

        Free++;
        Reserved += isReserved ? 1 : 0;
    }
}
