using LinuxMem.Abi;

namespace LinuxMem.Workloads.Malloc;

/// <summary>The accesses that an operation makes by itself, until they are in a batch.</summary>
internal sealed class TouchQueue
{
    private const ulong WordBytes = 8;
    private const int WordsAtOnce = 1 << 28;
    private readonly Queue<(AccessKind Kind, ulong Start, ulong Bytes)> queue = [];

    /// <summary>Adds accesses to all words of a range.</summary>
    public void Add(AccessKind kind, ulong start, ulong bytes)
    {
        if (bytes > 0)
            queue.Enqueue((kind, start & ~(WordBytes - 1), bytes));
    }

    /// <summary>Moves them on; false if the batch is full before all are there.</summary>
    public bool MoveTo(AccessBatch batch)
    {
        while (queue.TryDequeue(out (AccessKind Kind, ulong Start, ulong Bytes) touch))
        {
            ulong words = (touch.Bytes + WordBytes - 1) / WordBytes;
            for (ulong done = 0; done < words; done += WordsAtOnce)
            {
                int count = (int)Math.Min(WordsAtOnce, words - done);
                batch.AddRun(touch.Kind, touch.Start + (done * WordBytes), (long)WordBytes, count);
            }

            if (batch.IsFull && queue.Count > 0)
                return false;
        }

        return true;
    }
}
