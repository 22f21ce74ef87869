namespace LinuxMem.Mm.Block;

/// <summary>The order in which a device serves its requests.</summary>
/// <remarks>
/// A request that waits here may still grow by merging (<see cref="Merged"/> tells); one that was dispatched may not.
/// </remarks>
public interface IIoScheduler
{
    /// <summary>Requests that wait.</summary>
    int Count { get; }

    /// <summary>A request arrived.</summary>
    void Add(BlockRequest request);

    /// <summary>A waiting request begins at another sector than before: <paramref name="oldSector"/>.</summary>
    void Merged(BlockRequest request, ulong oldSector);

    /// <summary>Takes the next request out, or null if none waits.</summary>
    /// <param name="headSector">Where the last request ended.</param>
    /// <param name="nowNs">The present.</param>
    BlockRequest? Dispatch(ulong headSector, long nowNs);
}
