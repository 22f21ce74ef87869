namespace LinuxMem.Mm.Block;

/// <summary>One way over the disk by rising sector; from the highest back to the lowest.</summary>
/// <remarks>
/// The order in which Linux 2.0 kept a disk's queue (drivers/block/ll_rw_blk.c: add_request, IN_ORDER). It lets a
/// request starve while others keep arriving above the head, which is why <see cref="DeadlineScheduler"/> came.
/// </remarks>
public sealed class ElevatorScheduler : IIoScheduler
{
    private readonly SectorQueue waiting = new();

    /// <inheritdoc/>
    public int Count => waiting.Count;

    /// <inheritdoc/>
    public void Add(BlockRequest request) => waiting.Add(request);

    /// <inheritdoc/>
    public void Merged(BlockRequest request, ulong oldSector) => waiting.Move(request, oldSector);

    /// <inheritdoc/>
    public BlockRequest? Dispatch(ulong headSector, long nowNs)
    {
        if (waiting.Count == 0)
            return null;
        BlockRequest next = waiting.AtOrAbove(headSector) ?? waiting.Lowest();
        waiting.Remove(next);
        return next;
    }
}
