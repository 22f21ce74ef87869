using LinuxMem.Simulation;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Mm.Swap;

/// <summary>
/// One swap area: how many page-table entries name each slot, and which slots are free. Slots are handed out from
/// clusters, one under way for each CPU, so that pages that leave together lie together.
/// </summary>
/// <remarks>
/// Linux: mm/swapfile.c: struct swap_info_struct, alloc_swap_scan_cluster, swap_entry_put, v6.18. A slot is in use
/// while its count or its place in the swap cache holds it.
/// </remarks>
public sealed class SwapArea
{
    /// <summary>Slots of a cluster (SWAPFILE_CLUSTER without huge pages).</summary>
    public const uint ClusterSlots = 256;

    /// <summary>The most references that a slot can have.</summary>
    public const ushort CountMax = ushort.MaxValue >> 1;

    private const ushort InCache = 0x8000;
    private readonly ushort[] map;
    private readonly ushort[] usedInCluster;
    private readonly SortedSet<uint> freeClusters = [];
    private readonly SortedSet<uint> partialClusters = [];
    private readonly Dictionary<int, uint> clusterOfCpu = [];

    /// <summary>An empty area.</summary>
    /// <param name="index">Its number, from 0.</param>
    /// <param name="settings">Size and priority.</param>
    public SwapArea(int index, SwapAreaSettings settings)
    {
        if (settings.Pages < 2)
            throw new ConfigurationException($"{settings.Path}: a swap area has at least 2 pages, one for its header");
        Index = index;
        Settings = settings;
        map = new ushort[settings.Pages];
        usedInCluster = new ushort[(settings.Pages + ClusterSlots - 1) / ClusterSlots];
        map[0] = CountMax; // the header
        usedInCluster[0] = 1;
        for (uint cluster = 0; cluster < usedInCluster.Length; cluster++)
            File(cluster);
    }

    /// <summary>Its number.</summary>
    public int Index { get; }

    /// <summary>Size and priority.</summary>
    public SwapAreaSettings Settings { get; }

    /// <summary>Slots that can hold a page.</summary>
    public uint SlotCount => Settings.Pages - 1;

    /// <summary>Slots that hold a page.</summary>
    public uint UsedSlots { get; private set; }

    /// <summary>Takes a free slot for the swap cache of a page that leaves; 0 if none is free.</summary>
    public uint Allocate(int cpu)
    {
        if (UsedSlots == SlotCount)
            return 0;
        if (!clusterOfCpu.TryGetValue(cpu, out uint cluster) || usedInCluster[cluster] == SizeOf(cluster))
        {
            cluster = freeClusters.Count > 0 ? freeClusters.Min : partialClusters.Min;
            clusterOfCpu[cpu] = cluster;
        }

        uint slot = cluster * ClusterSlots;
        slot += (uint)map.AsSpan((int)slot, (int)SizeOf(cluster)).IndexOf((ushort)0);
        map[slot] = InCache;
        Count(cluster, 1);
        UsedSlots++;
        return slot;
    }

    /// <summary>References to a slot by page-table entries.</summary>
    public int CountOf(uint slot) => map[slot] & CountMax;

    /// <summary>Whether a slot holds a page.</summary>
    public bool IsInUse(uint slot) => map[slot] != 0;

    /// <summary>Whether any slot holds a page; looked up, not counted.</summary>
    public bool HasAnyInUse => map.AsSpan(1).ContainsAnyExcept((ushort)0);

    /// <summary>Whether the swap cache holds a slot.</summary>
    public bool IsInCache(uint slot) => (map[slot] & InCache) != 0;

    /// <summary>One more page-table entry names the slot. Precondition: it is in use.</summary>
    public void Duplicate(uint slot)
    {
        KernelBug.Assert(slot != 0 && map[slot] != 0, $"swap slot {slot} of area {Index} is free and cannot be shared");
        KernelBug.Assert(CountOf(slot) < CountMax, $"swap slot {slot} of area {Index} has too many references");
        map[slot]++;
    }

    /// <summary>A page-table entry names the slot no more. True if the slot is free now.</summary>
    public bool Put(uint slot)
    {
        KernelBug.Assert(slot != 0 && CountOf(slot) > 0, $"swap slot {slot} of area {Index} is put once too often");
        map[slot]--;
        return ReleaseIfUnused(slot);
    }

    /// <summary>
    /// The swap cache takes a slot in (a page comes back) or lets it go. True if the slot is free now.
    /// </summary>
    public bool SetCached(uint slot, bool cached)
    {
        KernelBug.Assert(slot != 0 && map[slot] != 0 && IsInCache(slot) != cached,
            $"swap slot {slot} of area {Index}: the swap cache {(cached ? "takes" : "drops")} it twice");
        map[slot] = (ushort)(CountOf(slot) | (cached ? InCache : 0));
        return ReleaseIfUnused(slot);
    }

    private bool ReleaseIfUnused(uint slot)
    {
        if (map[slot] != 0)
            return false;
        uint cluster = slot / ClusterSlots;
        Count(cluster, -1);
        UsedSlots--;
        return true;
    }

    private uint SizeOf(uint cluster) => Math.Min(ClusterSlots, Settings.Pages - (cluster * ClusterSlots));

    private void File(uint cluster)
    {
        if (usedInCluster[cluster] == 0)
            freeClusters.Add(cluster);
        else if (usedInCluster[cluster] < SizeOf(cluster))
            partialClusters.Add(cluster);
    }

    // A cluster mostly stays where it is filed: among those of which some slots are used.
    private void Count(uint cluster, int by)
    {
        int was = usedInCluster[cluster];
        int now = was + by;
        usedInCluster[cluster] = (ushort)now;
        uint size = SizeOf(cluster);
        if (was > 0 && was < size && now > 0 && now < size)
            return;
        freeClusters.Remove(cluster);
        partialClusters.Remove(cluster);
        File(cluster);
    }
}
