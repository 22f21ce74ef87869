namespace LinuxMem.Mm.Block;

/// <summary>
/// Batches by rising sector, reads before writes; but a request whose deadline has passed begins the next batch, and
/// writes get their turn.
/// </summary>
/// <remarks>
/// Linux: block/mq-deadline.c: __dd_dispatch_request, v6.18, with its defaults: reads expire after 500 ms, writes after
/// 5 s, 16 requests a batch, writes wait for at most 2 batches of reads.
/// </remarks>
public sealed class DeadlineScheduler : IIoScheduler
{
    /// <summary>After which a read has waited too long.</summary>
    public const long ReadExpireNs = 500_000_000;

    /// <summary>After which a write has waited too long.</summary>
    public const long WriteExpireNs = 5_000_000_000;

    /// <summary>Requests in a batch.</summary>
    public const int FifoBatch = 16;

    /// <summary>Batches of reads that may pass waiting writes.</summary>
    public const int WritesStarved = 2;

    private readonly Direction reads = new(ReadExpireNs);
    private readonly Direction writes = new(WriteExpireNs);
    private Direction? batchOf;
    private ulong batchSector;
    private int batched;
    private int starved;

    /// <inheritdoc/>
    public int Count => reads.Sorted.Count + writes.Sorted.Count;

    /// <inheritdoc/>
    public void Add(BlockRequest request)
    {
        Direction direction = Of(request);
        direction.Sorted.Add(request);
        direction.Arrived.Add(request.Sequence, request);
    }

    /// <inheritdoc/>
    public void Merged(BlockRequest request, ulong oldSector) => Of(request).Sorted.Move(request, oldSector);

    /// <inheritdoc/>
    public BlockRequest? Dispatch(ulong headSector, long nowNs)
    {
        if (batchOf is { } current && batched < FifoBatch && current.Sorted.AtOrAbove(batchSector) is { } following)
            return Take(current, following);
        if (Count == 0)
            return null;
        Direction chosen = Choose();
        BlockRequest oldest = chosen.Arrived.Values[0];
        bool overdue = oldest.ArrivedNs + chosen.ExpireNs <= nowNs;
        BlockRequest? next = overdue ? oldest : chosen.Sorted.AtOrAbove(chosen.NextSector);
        batchOf = chosen;
        batched = 0;
        return Take(chosen, next ?? oldest);
    }

    private Direction Choose()
    {
        if (reads.Sorted.Count == 0)
        {
            starved = 0;
            return writes;
        }

        if (writes.Sorted.Count > 0 && starved++ >= WritesStarved)
        {
            starved = 0;
            return writes;
        }

        return reads;
    }

    private BlockRequest Take(Direction from, BlockRequest request)
    {
        from.Sorted.Remove(request);
        from.Arrived.Remove(request.Sequence);
        batchSector = request.End;
        from.NextSector = request.End;
        batched++;
        return request;
    }

    private Direction Of(BlockRequest request) => request.Op == BlockOp.Read ? reads : writes;

    private sealed class Direction(long expireNs)
    {
        public long ExpireNs { get; } = expireNs;

        public SectorQueue Sorted { get; } = new();

        public SortedList<long, BlockRequest> Arrived { get; } = [];

        public ulong NextSector { get; set; }
    }
}
