namespace LinuxMem.Workloads.Malloc;

/// <summary>What malloc keeps for a thread: its arena, and its cache of small chunks.</summary>
/// <remarks>glibc: malloc/malloc.c: tcache_perthread_struct, 2.41.</remarks>
public sealed class MallocThread
{
    /// <summary>Bins of the cache: chunks up to 1,040 bytes.</summary>
    internal const int BinCount = 64;

    /// <summary>Chunks in a bin at most.</summary>
    internal const int ChunksMax = 7;

    /// <summary>Bytes of the cache itself, which is allocated like anything else.</summary>
    internal const ulong StructBytes = 640;

    internal MallocThread(Arena? arena) => Arena = arena;

    /// <summary>The arena; null until it is needed.</summary>
    internal Arena? Arena { get; set; }

    /// <summary>The chunk that the cache lies in; null until it is needed.</summary>
    internal Chunk? Cache { get; set; }

    /// <summary>Whether the thread ends, and has no cache any more.</summary>
    internal bool IsEnding { get; set; }

    /// <summary>The cached chunks, newest on top.</summary>
    internal Stack<Chunk>[] Bins { get; } = [.. Enumerable.Range(0, BinCount).Select(_ => new Stack<Chunk>())];

    /// <summary>The bin of a size; <see cref="BinCount"/> or more if it is not cached.</summary>
    internal static int IndexOf(ulong size) => (int)Math.Min((size - Chunk.MinBytes + 15) >> 4, BinCount);

    /// <summary>Whether a chunk of a size can be put into the cache.</summary>
    internal bool HasRoom(ulong size)
    {
        int bin = IndexOf(size);
        return Cache is not null && bin < BinCount && Bins[bin].Count < ChunksMax;
    }
}
