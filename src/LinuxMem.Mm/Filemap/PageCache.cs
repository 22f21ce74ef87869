using LinuxMem.Arch.Addresses;
using LinuxMem.Simulation;

namespace LinuxMem.Mm.Filemap;

/// <summary>
/// The pages of files and shared objects by (mapping, index). Owned by the PageCacheActor, which alone touches it.
/// </summary>
/// <remarks>Linux: mm/filemap.c, v6.18. Invariant I35: one frame per (mapping, index).</remarks>
public sealed class PageCache
{
    private const int ChunkShift = 9;
    private const int ChunkPages = 1 << ChunkShift;
    private readonly SortedDictionary<int, SortedDictionary<uint, uint[]>> mappings = [];

    /// <summary>Pages held.</summary>
    public long PageCount { get; private set; }

    /// <summary>Fills <paramref name="pages"/> with the frames of consecutive pages, 0 where there is none.</summary>
    public void Lookup(int mappingId, uint first, Span<uint> pages)
    {
        pages.Clear();
        if (!mappings.TryGetValue(mappingId, out SortedDictionary<uint, uint[]>? chunks))
            return;
        uint[]? chunk = null;
        uint chunkIndex = uint.MaxValue;
        for (int i = 0; i < pages.Length; i++)
        {
            uint index = first + (uint)i;
            if (index >> ChunkShift != chunkIndex)
            {
                chunkIndex = index >> ChunkShift;
                chunks.TryGetValue(chunkIndex, out chunk);
            }

            pages[i] = chunk is null ? 0 : chunk[index & (ChunkPages - 1)];
        }
    }

    /// <summary>
    /// Fills <paramref name="pages"/> with the frames of the pages that are there from an index on, by rising index,
    /// and 0 behind the last.
    /// </summary>
    public void Find(int mappingId, uint first, Span<uint> pages)
    {
        pages.Clear();
        if (!mappings.TryGetValue(mappingId, out SortedDictionary<uint, uint[]>? chunks))
            return;
        int found = 0;
        foreach ((uint chunkIndex, uint[] chunk) in chunks)
        {
            if (chunkIndex < first >> ChunkShift)
                continue;
            int from = chunkIndex == first >> ChunkShift ? (int)(first & (ChunkPages - 1)) : 0;
            for (int i = from; i < ChunkPages && found < pages.Length; i++)
            {
                if (chunk[i] != 0)
                    pages[found++] = chunk[i];
            }

            if (found == pages.Length)
                return;
        }
    }

    /// <summary>Takes a page in, or out.</summary>
    public void Insert(PageInsert insert)
    {
        if (insert.Page.IsNone)
        {
            Remove(insert.MappingId, insert.Index);
            return;
        }

        if (!mappings.TryGetValue(insert.MappingId, out SortedDictionary<uint, uint[]>? chunks))
            mappings.Add(insert.MappingId, chunks = []);
        if (!chunks.TryGetValue(insert.Index >> ChunkShift, out uint[]? chunk))
            chunks.Add(insert.Index >> ChunkShift, chunk = new uint[ChunkPages]);
        ref uint slot = ref chunk[insert.Index & (ChunkPages - 1)];
        KernelBug.Assert(slot == 0,
            $"I35 violated: mapping {insert.MappingId} page {insert.Index} has frame 0x{slot:x} already");
        slot = insert.Page.Value;
        PageCount++;
    }

    private void Remove(int mappingId, uint index)
    {
        SortedDictionary<uint, uint[]> chunks = mappings[mappingId];
        uint[] chunk = chunks[index >> ChunkShift];
        KernelBug.Assert(chunk[index & (ChunkPages - 1)] != 0,
            $"I35 violated: mapping {mappingId} has no page {index} to be taken out");
        chunk[index & (ChunkPages - 1)] = 0;
        PageCount--;
        if (Array.TrueForAll(chunk, page => page == 0))
            chunks.Remove(index >> ChunkShift);
    }

    /// <summary>Gives up every page of a mapping, by rising index.</summary>
    public void Drop(int mappingId, List<Pfn> dropped)
    {
        if (!mappings.Remove(mappingId, out SortedDictionary<uint, uint[]>? chunks))
            return;
        foreach (uint[] chunk in chunks.Values)
        {
            foreach (uint pfn in chunk)
            {
                if (pfn == 0)
                    continue;
                dropped.Add(new Pfn(pfn));
                PageCount--;
            }
        }
    }

    /// <summary>Hands over every page, by mapping and index: for the audit.</summary>
    public void Export(List<PageInsert> into)
    {
        foreach ((int id, SortedDictionary<uint, uint[]> chunks) in mappings)
        {
            foreach ((uint chunkIndex, uint[] chunk) in chunks)
            {
                for (int i = 0; i < ChunkPages; i++)
                {
                    if (chunk[i] != 0)
                        into.Add(new PageInsert(id, (chunkIndex << ChunkShift) + (uint)i, new Pfn(chunk[i])));
                }
            }
        }
    }
}
