using System.Numerics;

namespace LinuxMem.Mm.Filemap;

/// <summary>Which pages are read along with one that is missing: the state of one open file's reader.</summary>
/// <remarks>
/// Linux: include/linux/fs.h: struct file_ra_state; mm/readahead.c: page_cache_sync_ra, page_cache_async_ra;
/// mm/filemap.c: do_sync_mmap_readahead, v6.18. Orders of folios are not modelled: every folio is a page.
/// </remarks>
public sealed class Readahead
{
    /// <summary>Misses after which mappings read nothing along any more (MMAP_LOTSAMISS).</summary>
    public const int LotsOfMisses = 100;

    /// <summary>First page of the current window.</summary>
    public uint Start { get; private set; }

    /// <summary>Pages of the current window.</summary>
    public uint Size { get; private set; }

    /// <summary>Pages at its end that were read ahead of need: reaching them starts the next window.</summary>
    public uint AsyncSize { get; private set; }

    /// <summary>Misses of mappings, less hits.</summary>
    public int MmapMiss { get; set; }

    /// <summary>The page of the byte behind the last one read; far beyond every file before the first read.</summary>
    public ulong PreviousIndex { get; set; } = ulong.MaxValue >> 12;

    /// <summary>A miss of a mapping: the window around the page.</summary>
    /// <param name="index">The page.</param>
    /// <param name="max">Pages of a full window (ra_pages); so for the others.</param>
    public void ReadAround(uint index, uint max)
    {
        Start = index < max / 2 ? 0 : index - (max / 2);
        Size = max;
        AsyncSize = max / 4;
    }

    /// <summary>
    /// A miss of read, or of a mapping that is read in order. False: read the pages asked for and no more.
    /// </summary>
    /// <param name="index">The page.</param>
    /// <param name="wanted">Pages that the caller wants from there.</param>
    /// <param name="cachedBefore">Cached pages without a gap just before it, up to a window.</param>
    /// <param name="max">Pages of a full window.</param>
    public bool Sync(uint index, uint wanted, uint cachedBefore, uint max)
    {
        if (index == 0 || wanted > max || index - PreviousIndex <= 1)
        {
            Start = index;
            Size = InitialSize(wanted, max);
            AsyncSize = Size > wanted ? Size - wanted : Size >> 1;
            return true;
        }

        if (cachedBefore <= wanted)
            return false;
        // Cached from its first page on: a whole file is being read.
        uint history = cachedBefore == index ? cachedBefore * 2 : cachedBefore;
        Start = index;
        Size = Math.Min(history + wanted, max);
        AsyncSize = 1;
        return true;
    }

    /// <summary>The marked page was reached: the next window.</summary>
    /// <param name="index">The page.</param>
    /// <param name="wanted">Pages that the caller wants.</param>
    /// <param name="cachedAfter">Cached pages without a gap from the next page on, up to a window.</param>
    /// <param name="max">Pages of a full window.</param>
    /// <returns>False if there is nothing to read.</returns>
    public bool Async(uint index, uint wanted, uint cachedAfter, uint max)
    {
        if (index == Start + Size - AsyncSize)
        {
            Start += Size;
            Size = NextSize(Size, max);
        }
        else
        {
            if (cachedAfter >= max)
                return false;
            Start = index + 1 + cachedAfter;
            Size = NextSize(Start - index + wanted, max);
        }

        AsyncSize = Size;
        return true;
    }

    private static uint InitialSize(uint wanted, uint max)
    {
        uint size = BitOperations.RoundUpToPowerOf2(wanted);
        if (size <= max / 32)
            return size * 4;
        return size <= max / 4 ? size * 2 : max;
    }

    private static uint NextSize(uint size, uint max)
    {
        if (size < max / 16)
            return size * 4;
        return size <= max / 2 ? size * 2 : max;
    }
}
