namespace LinuxMem.Workloads.Malloc;

/// <summary>A piece of a heap: the user's, free, or the rest at the end (top).</summary>
/// <remarks>glibc: malloc/malloc.c: struct malloc_chunk, 2.41; the links are beside the memory, not in it.</remarks>
internal sealed class Chunk(ulong address, ulong size, Arena? arena)
{
    /// <summary>Bytes of the sizes before the user's memory.</summary>
    public const ulong HeaderBytes = 16;

    /// <summary>The least size.</summary>
    public const ulong MinBytes = 32;

    /// <summary>Alignment of chunks.</summary>
    public const ulong Alignment = 16;

    /// <summary>Where its header begins.</summary>
    public ulong Address { get; } = address;

    /// <summary>Bytes with the header, a multiple of 16.</summary>
    public ulong Size { get; set; } = size;

    /// <summary>Whose it is; null for one that has a mapping of its own.</summary>
    public Arena? Arena { get; } = arena;

    /// <summary>Whether it lies in a bin where neighbours merge with it: no fast bin, no thread's cache.</summary>
    public bool IsFree { get; set; }

    /// <summary>Its place in its bin.</summary>
    public LinkedListNode<Chunk>? Node { get; set; }

    /// <summary>The chunk that ends where this one begins, in the same heap.</summary>
    public Chunk? Before { get; set; }

    /// <summary>The chunk that begins where this one ends, in the same heap.</summary>
    public Chunk? After { get; set; }

    /// <summary>What malloc returns for it.</summary>
    public ulong Memory => Address + HeaderBytes;

    /// <summary>Address behind it.</summary>
    public ulong End => Address + Size;

    /// <summary>The size of the chunk for a request, or 0 if the request is too large.</summary>
    /// <remarks>glibc: malloc/malloc.c: checked_request2size.</remarks>
    public static ulong SizeFor(ulong bytes)
    {
        const ulong overhead = 8;
        if (bytes > long.MaxValue)
            return 0;
        return Math.Max(MinBytes, (bytes + overhead + Alignment - 1) & ~(Alignment - 1));
    }

    /// <summary>Cuts off what is behind the first bytes, as a chunk of its own.</summary>
    public Chunk Split(ulong bytes)
    {
        var rest = new Chunk(Address + bytes, Size - bytes, Arena) { Before = this, After = After };
        if (After is not null)
            After.Before = rest;
        After = rest;
        Size = bytes;
        return rest;
    }

    /// <summary>Takes the next chunk in.</summary>
    public void Absorb()
    {
        Chunk next = After!;
        Size += next.Size;
        After = next.After;
        if (After is not null)
            After.Before = this;
    }
}
