using System.Runtime.CompilerServices;

namespace LinuxMem.Mm.PageAlloc;

/// <summary>A CPU's own free frames of one zone: taken and returned without the zone lock.</summary>
/// <remarks>
/// Linux: include/linux/mmzone.h: struct per_cpu_pages, v6.18. <see cref="High"/> tunes itself between <see
/// cref="HighMin"/> and
/// <see cref="HighMax"/>. Linux also returns more at once when a CPU's last-level cache is small
/// (PCPF_FREE_HIGH_BATCH); here every cache is taken to be large.
/// </remarks>
public sealed class PerCpuPages
{
    /// <summary>A batch grows to at most 2^5 times its size (CONFIG_PCP_BATCH_SCALE_MAX).</summary>
    internal const int BatchScaleMax = 5;

    /// <summary>Lists: one for every order up to the costly one and every migrate type.</summary>
    internal const int ListCount = (Order.CostlyValue + 1) * MigrateTypes.Count;

    private int allocFactor;
    private bool previousFreeWasHighOrder;

    internal PerCpuPages(int batch, int highMin, int highMax)
    {
        Batch = batch;
        HighMin = highMin;
        HighMax = highMax;
    }

    /// <summary>Pages on its lists, of all orders and types together.</summary>
    public int Count { get; internal set; }

    /// <summary>From this many pages on, frees return some to the zone; 0 before first use.</summary>
    public int High { get; private set; }

    /// <summary>Lower bound of <see cref="High"/>, in pages.</summary>
    public int HighMin { get; }

    /// <summary>Upper bound of <see cref="High"/>, in pages.</summary>
    public int HighMax { get; }

    /// <summary>Blocks moved at a time between the zone and this, before scaling.</summary>
    public int Batch { get; }

    /// <summary>
    /// The most pages that it ever holds: every list may have been refilled when the others were full (I07).
    /// </summary>
    public int CountMax => Math.Max(HighMin, HighMax) + ListCount * Math.Max(Batch, 2 << Order.CostlyValue);

    /// <summary><c>FrameList[12]</c>, indexed by <see cref="ListIndex"/>.</summary>
    internal FrameList[] Lists { get; } = new FrameList[ListCount];

    /// <summary>Pages freed in a row, halved by every allocation.</summary>
    internal int FreeCount { get; set; }

    /// <summary>The list for an order and a type.</summary>
    /// <remarks>Linux: mm/page_alloc.c: order_to_pindex, v6.18.</remarks>
    internal static int ListIndex(int order, int type) => order * MigrateTypes.Count + type;

    /// <summary>
    /// How many blocks to take from the zone for an empty list: doubles while nothing is freed in between.
    /// </summary>
    /// <remarks>Linux: mm/page_alloc.c: nr_pcp_alloc, v6.18.</remarks>
    internal int RefillBlocks(int order, bool zoneBelowHigh)
    {
        High = Clamp(High);
        if (High < Batch)
            return 1;

        int batch = order != 0 ? Batch : Batch << allocFactor;
        if (HighMin != HighMax && !zoneBelowHigh)
            High = Math.Min(High + batch, HighMax);
        if (order == 0)
        {
            int most = Math.Max(High - Count - Batch, Batch);
            if (batch <= most && allocFactor < BatchScaleMax)
                allocFactor++;
            batch = Math.Min(batch, most);
        }

        return batch > 1 ? Math.Max(batch >> order, 2) : batch;
    }

    /// <summary>
    /// Takes note of a freed block that is now on a list, and says how many pages must go back to the zone.
    /// </summary>
    /// <remarks>Linux: mm/page_alloc.c: free_frozen_page_commit, nr_pcp_high, nr_pcp_free, v6.18.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal int PagesToReturn(int order, bool zoneBelowHigh)
    {
        allocFactor >>= 1;
        if (order != 0 || zoneBelowHigh || Count >= High)
            return PagesToReturnSlowly(order, zoneBelowHigh);

        // A frame, and the lists are not full: nothing of what the slow way looks at could matter.
        previousFreeWasHighOrder = false;
        CountFree(order);
        return 0;
    }

    /// <summary>A value between the bounds. On the smallest machines the lower one is the greater.</summary>
    /// <remarks>Linux: include/linux/minmax.h: clamp, v6.18, which is asked for the upper bound first.</remarks>
    private int Clamp(int high) => high >= HighMax ? HighMax : Math.Max(high, HighMin);

    /// <summary>Lowers <see cref="High"/> by an eighth, and says how many pages are above it now.</summary>
    /// <remarks>Linux: mm/page_alloc.c: decay_pcp_high, v6.18.</remarks>
    internal int Decay()
    {
        if (High > HighMin)
        {
            int slow = Math.Max(Count - (Batch << BatchScaleMax), High - (High >> 3));
            High = Math.Max(slow, HighMin);
        }

        return Math.Max(Count - High, 0);
    }

    private int PagesToReturnSlowly(int order, bool zoneBelowHigh)
    {
        bool freeHigh = false;
        if (order != 0)
        {
            freeHigh = FreeCount >= Batch + HighMin / 2 && previousFreeWasHighOrder && Count >= Batch;
            previousFreeWasHighOrder = true;
        }
        else
        {
            previousFreeWasHighOrder = false;
        }

        CountFree(order);
        int high = Threshold(freeHigh, zoneBelowHigh);
        if (Count < high)
            return 0;
        if (freeHigh)
            return Math.Min(Count, Batch << BatchScaleMax);
        return high < Batch ? 1 : Math.Min(Math.Max(FreeCount, Batch), Math.Max(high - Batch, 1));
    }

    private void CountFree(int order)
    {
        if (FreeCount < Batch << BatchScaleMax)
            FreeCount += 1 << order;
    }

    private int Threshold(bool freeHigh, bool zoneBelowHigh)
    {
        int high = High = Clamp(High);
        if (high == 0)
            return 0;
        if (freeHigh)
        {
            High = Math.Max(high - (Batch << BatchScaleMax), HighMin);
            return 0;
        }

        if (HighMin == HighMax)
            return high;
        if (zoneBelowHigh)
        {
            High = Math.Max(high - Math.Max(FreeCount, Batch), HighMin);
            return Math.Max(Count, HighMin);
        }

        if (Count >= high)
            High = Clamp(FreeCount + Batch);
        return high;
    }
}
