namespace LinuxMem.Audit.Snapshots;

/// <summary>A memory cgroup. Records come with every group after the one that it is in.</summary>
/// <remarks>Linux: include/linux/memcontrol.h: struct mem_cgroup, v6.18.</remarks>
public struct GroupRecord
{
    /// <summary>Its number, which is its place in the list; the first is the root.</summary>
    public int Id { get; set; }

    /// <summary>The number of the group that it is in; of no meaning for the root.</summary>
    public int Parent { get; set; }

    /// <summary>Frames that it and the groups below count as theirs (memory.current).</summary>
    public long UsageCounter { get; set; }

    /// <summary>Slots of swap that they count as theirs (memory.swap.current).</summary>
    public long SwapCounter { get; set; }

    /// <summary>The most that <see cref="UsageCounter"/> may be (memory.max).</summary>
    public long Max { get; set; }

    /// <summary>The most that <see cref="SwapCounter"/> may be (memory.swap.max).</summary>
    public long SwapMax { get; set; }

    /// <summary>Frames in use that it alone pays for.</summary>
    public long Frames { get; set; }

    /// <summary>Free frames that it still pays for.</summary>
    public long FreeFrames { get; set; }

    /// <summary>Slots of swap that it alone pays for.</summary>
    public long Slots { get; set; }
}
