namespace LinuxMem.Mm.Locks;

/// <summary>The locks of the page tables, one for each table of the lowest level, by the table's frame.</summary>
/// <remarks>
/// Of each, the last hold is remembered: enough for holds as short as these. Memory for them comes in chunks when a
/// table of the chunk is first locked.
/// </remarks>
internal sealed class TableLocks
{
    private const int ChunkBits = 10;
    private Span[]?[] chunks = [];

    /// <summary>Takes a table's lock from a moment on, for so long; returns when.</summary>
    public long Take(uint table, long atNs, long holdNs)
    {
        ref Span last = ref LastOf(table);
        if (atNs + holdNs <= last.StartNs)
            return atNs;
        long startNs = Math.Max(atNs, last.EndNs);
        last = new Span { StartNs = startNs, EndNs = startNs + holdNs };
        return startNs;
    }

    /// <summary>Takes a table's lock from a moment on, for as long as <see cref="Hold"/> will say.</summary>
    public long Take(uint table, long atNs)
    {
        ref Span last = ref LastOf(table);
        return atNs < last.StartNs ? atNs : Math.Max(atNs, last.EndNs);
    }

    /// <summary>The lock was held from one moment to another.</summary>
    public void Hold(uint table, long startNs, long endNs)
    {
        ref Span last = ref LastOf(table);
        if (endNs > last.EndNs)
            last = new Span { StartNs = startNs, EndNs = endNs };
    }

    private ref Span LastOf(uint table)
    {
        int chunk = (int)(table >> ChunkBits);
        if (chunk >= chunks.Length)
            Array.Resize(ref chunks, Math.Max(chunk + 1, chunks.Length * 2));
        Span[] holds = chunks[chunk] ??= new Span[1 << ChunkBits];
        return ref holds[table & ((1 << ChunkBits) - 1)];
    }

    private struct Span
    {
        public long StartNs;
        public long EndNs;
    }
}
