namespace LinuxMem.Workloads.Malloc;

/// <summary>Copies arenas with all that they hold, for the child of a fork.</summary>
internal sealed class MallocCopier
{
    private readonly Dictionary<Arena, Arena> arenas = [];
    private readonly Dictionary<Chunk, Chunk> chunks = [];
    private readonly Queue<Chunk> unlinked = [];

    /// <summary>The copy of an arena, its chunks included.</summary>
    public Arena Of(Arena arena)
    {
        if (arenas.TryGetValue(arena, out Arena? copy))
            return copy;
        copy = new Arena(arena.IsMain)
        {
            LastRemainder = arena.LastRemainder,
            HasFastChunks = arena.HasFastChunks,
            IsContiguous = arena.IsContiguous,
            HighestEnd = arena.HighestEnd,
        };
        arenas.Add(arena, copy);
        copy.Top = Maybe(arena.Top);
        copy.Heap = Of(arena.Heap);
        for (int i = 0; i < Arena.FastBinCount; i++)
            CopyStack(arena.FastBins[i], copy.FastBins[i]);
        copy.Bins.CopyFrom(arena.Bins, Of);
        return copy;
    }

    /// <summary>The copy of a chunk; <see cref="Link"/> must follow.</summary>
    public Chunk Of(Chunk chunk)
    {
        if (chunks.TryGetValue(chunk, out Chunk? copy))
            return copy;
        copy = new Chunk(chunk.Address, chunk.Size, chunk.Arena is { } arena ? Of(arena) : null)
        {
            IsFree = chunk.IsFree,
        };
        // The arena's copy may have brought this one about.
        if (chunks.TryGetValue(chunk, out Chunk? made))
            return made;
        chunks.Add(chunk, copy);
        unlinked.Enqueue(chunk);
        return copy;
    }

    /// <summary>The copy of a thread that goes on in the child.</summary>
    public MallocThread Of(MallocThread thread)
    {
        var copy = new MallocThread(thread.Arena is { } arena ? Of(arena) : null) { Cache = Maybe(thread.Cache) };
        for (int i = 0; i < MallocThread.BinCount; i++)
            CopyStack(thread.Bins[i], copy.Bins[i]);
        return copy;
    }

    /// <summary>Ties the copies of neighbours together.</summary>
    public void Link()
    {
        while (unlinked.TryDequeue(out Chunk? chunk))
        {
            Chunk copy = chunks[chunk];
            copy.Before = Maybe(chunk.Before);
            copy.After = Maybe(chunk.After);
        }
    }

    private Chunk? Maybe(Chunk? chunk) => chunk is null ? null : Of(chunk);

    private SubHeap? Of(SubHeap? heap) => heap is null ? null
        : new SubHeap(heap.Start, heap.Bytes, Of(heap.Previous))
        {
            ProtectedBytes = heap.ProtectedBytes,
            Fence = Maybe(heap.Fence),
        };

    private void CopyStack(Stack<Chunk> from, Stack<Chunk> to)
    {
        foreach (Chunk chunk in from.Reverse())
            to.Push(Of(chunk));
    }
}
