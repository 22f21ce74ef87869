namespace LinuxMem.Mm.Block;

/// <summary>Requests by first sector, and of one sector by arrival.</summary>
internal sealed class SectorQueue
{
    private readonly SortedSet<(ulong Sector, long Sequence)> order = [];
    private readonly Dictionary<long, BlockRequest> bySequence = [];

    /// <summary>How many.</summary>
    public int Count => order.Count;

    /// <summary>Takes a request in.</summary>
    public void Add(BlockRequest request)
    {
        order.Add((request.Sector, request.Sequence));
        bySequence.Add(request.Sequence, request);
    }

    /// <summary>A request begins elsewhere now.</summary>
    public void Move(BlockRequest request, ulong oldSector)
    {
        order.Remove((oldSector, request.Sequence));
        order.Add((request.Sector, request.Sequence));
    }

    /// <summary>Takes a request out.</summary>
    public void Remove(BlockRequest request)
    {
        order.Remove((request.Sector, request.Sequence));
        bySequence.Remove(request.Sequence);
    }

    /// <summary>The request with the lowest first sector at or above one; null if there is none.</summary>
    public BlockRequest? AtOrAbove(ulong sector)
    {
        foreach ((_, long sequence) in order.GetViewBetween((sector, 0), (ulong.MaxValue, long.MaxValue)))
            return bySequence[sequence];
        return null;
    }

    /// <summary>The request with the lowest first sector. Precondition: there is one.</summary>
    public BlockRequest Lowest() => bySequence[order.Min.Sequence];
}
