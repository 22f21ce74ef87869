namespace LinuxMem.Mm.PageAlloc;

/// <summary>What an operation of the allocator did besides its result; the kernel turns it into virtual time.</summary>
public struct AllocCost
{
    /// <summary>
    /// The zone lock was taken: a per-CPU list was refilled or drained, or the block is too large for one.
    /// </summary>
    public bool ZoneLockTaken;

    /// <summary>No zone had enough above its low watermark: where Linux wakes kswapd.</summary>
    public bool BelowLowWatermark;
}
