using LinuxMem.Simulation;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Mm.Swap;

/// <summary>
/// One swap area: how many page-table entries name each slot, and which slots are free. Slots are handed out from
/// clusters, one under way for each CPU, so that pages that leave together lie together; clusters that have holes are
/// filled before free ones are begun.
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
    private readonly LinkedList<uint> freeClusters = [];
    private readonly LinkedList<uint> partialClusters = [];
    private readonly LinkedListNode<uint>[] places;
    private readonly Dictionary<int, uint> nextOfCpu = [];

    /// <summary>An empty area.</summary>
    /// <param name="index">Its number, from 0.</param>
    /// <param name="settings">Size and priority.</param>
    public SwapArea(int index, SwapAreaSettings settings)
    {
        if (settings.Pages < 2)
            throw new ConfigurationException($"{settings.Path}: a swap area has at least 2 pages, one for its header");
        Index = index;
        Settings = settings;
        Priority = settings.Priority;
        map = new ushort[settings.Pages];
        usedInCluster = new ushort[(settings.Pages + ClusterSlots - 1) / ClusterSlots];
        map[0] = CountMax; // the header
        usedInCluster[0] = 1;
        places = new LinkedListNode<uint>[usedInCluster.Length];
        for (uint cluster = 0; cluster < usedInCluster.Length; cluster++)
        {
            places[cluster] = new LinkedListNode<uint>(cluster);
            File(cluster);
        }
    }

    /// <summary>Its number.</summary>
    public int Index { get; }

    /// <summary>Size and priority.</summary>
    public SwapAreaSettings Settings { get; }

    /// <summary>Areas of higher priority are filled first.</summary>
    public int Priority { get; set; }

    /// <summary>Slots that can hold a page.</summary>
    public uint SlotCount => Settings.Pages - 1;

    /// <summary>Slots that hold a page.</summary>
    public uint UsedSlots { get; private set; }

    /// <summary>Whether the cluster that a CPU has begun has room.</summary>
    public bool CanGoOn(int cpu) =>
        nextOfCpu.TryGetValue(cpu, out uint next) && next % ClusterSlots != 0 && FreeFrom(next) != 0;

    /// <summary>Takes a free slot for the swap cache of a page that leaves; 0 if none is free.</summary>
    public uint Allocate(int cpu)
    {
        if (UsedSlots == SlotCount)
            return 0;
        uint slot = nextOfCpu.TryGetValue(cpu, out uint next) && next % ClusterSlots != 0 ? FreeFrom(next) : 0;
        // Clusters that are used in part before those that are free, those first that have been so for longest.
        while (slot == 0)
        {
            LinkedList<uint> from = partialClusters.Count > 0 ? partialClusters : freeClusters;
            uint cluster = from.First!.Value;
            Refile(cluster);
            slot = FreeFrom(cluster * ClusterSlots);
        }

        Take(slot);
        nextOfCpu[cpu] = slot + 1;
        return slot;
    }

    private void Take(uint slot)
    {
        uint cluster = slot / ClusterSlots;
        map[slot] = InCache;
        usedInCluster[cluster]++;
        // A free one is used in part now; a full one is on no list.
        if (usedInCluster[cluster] == 1 || usedInCluster[cluster] == SizeOf(cluster))
            Refile(cluster);
        UsedSlots++;
    }

    // The first free slot of a cluster from a slot on; 0 if there is none.
    private uint FreeFrom(uint slot)
    {
        uint end = Math.Min((slot / ClusterSlots * ClusterSlots) + ClusterSlots, Settings.Pages);
        while (slot < end && map[slot] != 0)
            slot++;
        return slot < end ? slot : 0;
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
        bool wasFull = usedInCluster[cluster] == SizeOf(cluster);
        usedInCluster[cluster]--;
        if (wasFull || usedInCluster[cluster] == 0)
            Refile(cluster);
        UsedSlots--;
        return true;
    }

    private uint SizeOf(uint cluster) => Math.Min(ClusterSlots, Settings.Pages - (cluster * ClusterSlots));

    // To the end of the list that it belongs to.
    private void Refile(uint cluster)
    {
        places[cluster].List?.Remove(places[cluster]);
        File(cluster);
    }

    private void File(uint cluster)
    {
        if (usedInCluster[cluster] == 0)
            freeClusters.AddLast(places[cluster]);
        else if (usedInCluster[cluster] < SizeOf(cluster))
            partialClusters.AddLast(places[cluster]);
    }
}
