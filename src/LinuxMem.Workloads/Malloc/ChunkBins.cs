namespace LinuxMem.Workloads.Malloc;

/// <summary>
/// The free chunks of an arena: one unsorted bin, small bins of one size each, large bins by falling size.
/// </summary>
/// <remarks>glibc: malloc/malloc.c: bin_at, largebin_index_64, 2.41.</remarks>
internal sealed class ChunkBins
{
    /// <summary>Chunks from this size on are large.</summary>
    public const ulong LargeBytes = 1024;

    private const int Unsorted = 1;
    private const int Count = 127;
    private readonly LinkedList<Chunk>[] bins = new LinkedList<Chunk>[Count];

    /// <summary>All empty.</summary>
    public ChunkBins()
    {
        for (int i = 0; i < Count; i++)
            bins[i] = [];
    }

    /// <summary>The oldest chunk that was freed and not sorted yet; null if there is none.</summary>
    public Chunk? OldestUnsorted => bins[Unsorted].Last?.Value;

    /// <summary>Whether there is exactly one unsorted chunk.</summary>
    public bool HasOneUnsorted => bins[Unsorted].Count == 1;

    /// <summary>Whether a size has a small bin.</summary>
    public static bool IsSmall(ulong size) => size < LargeBytes;

    /// <summary>The bin of a size.</summary>
    public static int IndexOf(ulong size)
    {
        if (IsSmall(size))
            return (int)(size >> 4);
        return (int)((size >> 6) <= 48 ? 48 + (size >> 6)
            : (size >> 9) <= 20 ? 91 + (size >> 9)
            : (size >> 12) <= 10 ? 110 + (size >> 12)
            : (size >> 15) <= 4 ? 119 + (size >> 15)
            : (size >> 18) <= 2 ? 124 + (size >> 18) : 126);
    }

    /// <summary>Puts a chunk among the unsorted ones.</summary>
    public void AddUnsorted(Chunk chunk)
    {
        chunk.IsFree = true;
        chunk.Node = bins[Unsorted].AddFirst(chunk);
    }

    /// <summary>Sorts a chunk into the bin of its size.</summary>
    public void AddSorted(Chunk chunk)
    {
        chunk.IsFree = true;
        LinkedList<Chunk> bin = bins[IndexOf(chunk.Size)];
        if (IsSmall(chunk.Size))
        {
            chunk.Node = bin.AddFirst(chunk);
            return;
        }

        if (bin.Last is null || chunk.Size < bin.Last.Value.Size)
        {
            chunk.Node = bin.AddLast(chunk);
            return;
        }

        LinkedListNode<Chunk> at = bin.First!;
        while (at.Value.Size > chunk.Size)
            at = at.Next!;
        // Among equals it is the second, so that the first keeps its links to other sizes.
        chunk.Node = at.Value.Size == chunk.Size ? bin.AddAfter(at, chunk) : bin.AddBefore(at, chunk);
    }

    /// <summary>Takes a chunk out of its bin: it counts as used.</summary>
    public void Remove(Chunk chunk)
    {
        chunk.Node!.List!.Remove(chunk.Node);
        chunk.Node = null;
        chunk.IsFree = false;
    }

    /// <summary>The next chunk of a small size, not taken out; null if there is none.</summary>
    public Chunk? LastSmall(ulong size) => bins[IndexOf(size)].Last?.Value;

    /// <summary>The best chunk of the bin of a large size, not taken out; null if all are smaller.</summary>
    public Chunk? BestLarge(ulong size)
    {
        LinkedListNode<Chunk>? at = bins[IndexOf(size)].Last;
        while (at is not null && at.Value.Size < size)
            at = at.Previous;
        if (at is null)
            return null;
        ulong best = at.Value.Size;
        while (at.Previous is not null && at.Previous.Value.Size == best)
            at = at.Previous;
        // The second of equals, as above.
        return at.Next is { } next && next.Value.Size == best ? next.Value : at.Value;
    }

    /// <summary>The smallest chunk of the first bin above that of a size which holds one; null if none does.</summary>
    public Chunk? Above(ulong size)
    {
        for (int i = IndexOf(size) + 1; i < Count; i++)
        {
            if (bins[i].Last is { } last)
                return last.Value;
        }

        return null;
    }

    /// <summary>Fills these bins, empty until now, like others, with copies of their chunks.</summary>
    public void CopyFrom(ChunkBins other, Func<Chunk, Chunk> copyOf)
    {
        for (int i = 0; i < Count; i++)
        {
            foreach (Chunk chunk in other.bins[i])
            {
                Chunk copy = copyOf(chunk);
                copy.Node = bins[i].AddLast(copy);
            }
        }
    }
}
