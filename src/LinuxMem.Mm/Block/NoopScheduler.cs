namespace LinuxMem.Mm.Block;

/// <summary>First come, first served.</summary>
/// <remarks>Linux: "none" of block/elevator.c, v6.18; "noop" before 5.0.</remarks>
public sealed class NoopScheduler : IIoScheduler
{
    private readonly Queue<BlockRequest> waiting = new();

    /// <inheritdoc/>
    public int Count => waiting.Count;

    /// <inheritdoc/>
    public void Add(BlockRequest request) => waiting.Enqueue(request);

    /// <inheritdoc/>
    public void Merged(BlockRequest request, ulong oldSector)
    {
        // The place in the queue is that of the first I/O.
    }

    /// <inheritdoc/>
    public BlockRequest? Dispatch(ulong headSector, long nowNs) => waiting.TryDequeue(out BlockRequest? next)
        ? next : null;
}
