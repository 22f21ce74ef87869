using LinuxMem.Audit.Snapshots;

namespace LinuxMem.Actors.Auditing.Screening;

/// <summary>An address space as it was at the last look.</summary>
internal sealed class SpaceShadow(TableShadow root, int spanShift)
{
    private const int RecentLeaves = 64;
    private readonly TableShadow?[] recentLeaves = new TableShadow?[RecentLeaves];
    private readonly Dictionary<ulong, TableShadow> leaves = [];

    /// <summary>The root of its page tables.</summary>
    public TableShadow Root { get; } = root;

    /// <summary>The look that found it last.</summary>
    public int Look { get; set; }

    /// <summary>Its areas.</summary>
    public VmaRecord[] Vmas { get; set; } = [];

    /// <summary>Page tables below the root.</summary>
    public int Tables { get; set; }

    /// <summary>Mapped pages by the place of their frames.</summary>
    public long[] Pages { get; } = new long[256];

    /// <summary>All its entries.</summary>
    public long Entries { get; set; }

    /// <summary>Entries of pages that are in swap.</summary>
    public long SwapEntries { get; set; }

    /// <summary>The leaf table that translates an address; null, or another one, if there is none.</summary>
    public TableShadow? LeafOf(ulong va)
    {
        ulong span = va >> spanShift;
        ref TableShadow? recent = ref recentLeaves[span % RecentLeaves];
        if (recent is null || recent.StartVa >> spanShift != span)
            recent = leaves.GetValueOrDefault(span);
        return recent;
    }

    /// <summary>A leaf table came.</summary>
    public void AddLeaf(TableShadow leaf) => leaves[leaf.StartVa >> spanShift] = leaf;

    /// <summary>A leaf table went.</summary>
    public void RemoveLeaf(TableShadow leaf)
    {
        ulong span = leaf.StartVa >> spanShift;
        recentLeaves[span % RecentLeaves] = null;
        if (leaves.GetValueOrDefault(span) == leaf)
            leaves.Remove(span);
    }

    /// <summary>The area that ends first after an address; the number of areas if none does.</summary>
    public static int FirstEndingAfter(ReadOnlySpan<VmaRecord> vmas, ulong va)
    {
        int low = 0;
        int high = vmas.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (vmas[middle].End > va)
                high = middle;
            else
                low = middle + 1;
        }

        return low;
    }
}
