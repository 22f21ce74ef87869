namespace LinuxMem.Mm.PageAlloc;

/// <summary>The migrate type of every pageblock: the unit in which memory is grouped by mobility.</summary>
/// <remarks>
/// Linux: mm/page_alloc.c: get_pfnblock_migratetype, v6.18. Pageblocks are the size of a huge page of x86-64, 2 MiB,
/// with 4 KiB pages; with others the largest block of the allocator, as in a Linux without huge pages.
/// </remarks>
internal sealed class PageblockMap
{
    private readonly byte[] types;

    /// <summary>All movable, as at boot.</summary>
    /// <param name="frameCount">Frames of RAM.</param>
    /// <param name="pageShift">log2 of the bytes of a page.</param>
    /// <param name="maxOrder">The largest order of a free block.</param>
    public PageblockMap(uint frameCount, int pageShift, int maxOrder)
    {
        Order = Math.Min(pageShift == 12 ? 9 : PageAlloc.Order.MaxValue, maxOrder);
        types = new byte[(int)(((ulong)frameCount + Pages - 1) >> Order)];
        Array.Fill(types, (byte)MigrateType.Movable);
    }

    /// <summary>log2 of the frames of a pageblock.</summary>
    public int Order { get; }

    /// <summary>Frames of a pageblock.</summary>
    public uint Pages => 1u << Order;

    /// <summary>The migrate type of the pageblock of a frame.</summary>
    public int TypeOf(uint pfn) => types[pfn >> Order];

    /// <summary>
    /// Sets the type of a whole block of pageblocks. Precondition: its order is at least a pageblock's.
    /// </summary>
    public void SetRange(uint pfn, int order, int type) =>
        types.AsSpan((int)(pfn >> Order), 1 << (order - Order)).Fill((byte)type);
}
