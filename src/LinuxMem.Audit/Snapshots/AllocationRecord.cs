namespace LinuxMem.Audit.Snapshots;

/// <summary>
/// An allocation that was granted since the snapshot before: of those that were alike, the one with the least left.
/// </summary>
public struct AllocationRecord
{
    /// <summary>The zone, by its index.</summary>
    public int ZoneIndex { get; set; }

    /// <summary>log2 of its frames.</summary>
    public int Order { get; set; }

    /// <summary>Whether it may use half of what the min watermark keeps (__GFP_HIGH).</summary>
    public bool IsHigh { get; set; }

    /// <summary>Whether it cannot wait for reclaim.</summary>
    public bool CannotWait { get; set; }

    /// <summary>Whether it may take the last frame (__GFP_MEMALLOC, PF_MEMALLOC).</summary>
    public bool IgnoresWatermarks { get; set; }

    /// <summary>Free frames of the zone just before, those on per-CPU lists not counted.</summary>
    public long FreeBefore { get; set; }

    /// <summary>Frames that the zone keeps from allocations of its kind (lowmem_reserve).</summary>
    public long Reserve { get; set; }
}
