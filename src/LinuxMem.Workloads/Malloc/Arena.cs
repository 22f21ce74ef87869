namespace LinuxMem.Workloads.Malloc;

/// <summary>Memory that threads allocate from: the heap of brk, or heaps of 64 MiB.</summary>
/// <remarks>glibc: malloc/malloc.c: struct malloc_state, 2.41.</remarks>
internal sealed class Arena(bool isMain)
{
    /// <summary>Bins of chunks that do not merge, up to 128 bytes.</summary>
    public const int FastBinCount = 7;

    /// <summary>Whether it is the arena of brk.</summary>
    public bool IsMain { get; } = isMain;

    /// <summary>The rest at the end; null before the first allocation.</summary>
    public Chunk? Top { get; set; }

    /// <summary>Where the last split of a small request left something.</summary>
    public ulong LastRemainder { get; set; }

    /// <summary>Small chunks freed last that do not merge; newest on top.</summary>
    public Stack<Chunk>[] FastBins { get; } = [.. Enumerable.Range(0, FastBinCount).Select(_ => new Stack<Chunk>())];

    /// <summary>Whether something was put into a fast bin since they were emptied.</summary>
    public bool HasFastChunks { get; set; }

    /// <summary>The other free chunks.</summary>
    public ChunkBins Bins { get; set; } = new();

    /// <summary>Of the main arena: whether brk is relied on to go on where it was.</summary>
    public bool IsContiguous { get; set; } = true;

    /// <summary>Of another arena: the heap that holds the top.</summary>
    public SubHeap? Heap { get; set; }

    /// <summary>Of the main arena: the highest end of its top so far; what lies above was never used.</summary>
    public ulong HighestEnd { get; set; }

    /// <summary>Threads that have it.</summary>
    public int Threads { get; set; }

    /// <summary>Bytes of the top.</summary>
    public ulong TopBytes => Top?.Size ?? 0;
}

/// <summary>
/// A part of an arena that is not the main one: 64 MiB of address space, aligned, writable from its start.
/// </summary>
/// <remarks>glibc: malloc/arena.c: struct heap_info, 2.41.</remarks>
internal sealed class SubHeap(ulong start, ulong bytes, SubHeap? previous)
{
    /// <summary>Size and alignment (HEAP_MAX_SIZE).</summary>
    public const ulong MaxBytes = 64UL << 20;

    /// <summary>Bytes of the structure at its start.</summary>
    public const ulong InfoBytes = 48;

    /// <summary>Its first byte.</summary>
    public ulong Start { get; } = start;

    /// <summary>The heap that the arena had before.</summary>
    public SubHeap? Previous { get; } = previous;

    /// <summary>Bytes in use.</summary>
    public ulong Bytes { get; set; } = bytes;

    /// <summary>Bytes that are readable and writable.</summary>
    public ulong ProtectedBytes { get; set; } = bytes;

    /// <summary>What ends the heap when another has followed: no chunk merges across it.</summary>
    public Chunk? Fence { get; set; }
}
