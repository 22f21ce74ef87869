using System.Numerics;

namespace LinuxMem.Mm.Filemap;

/// <summary>Which pages are read along with one that is missing: the state of one open file's reader.</summary>
/// <remarks>
/// Linux: include/linux/fs.h: struct file_ra_state; mm/readahead.c: page_cache_sync_ra, page_cache_async_ra;
/// mm/filemap.c: do_sync_mmap_readahead, v6.18. Every folio is a page; the order that Linux would like for them is kept
/// as far as it decides where windows end.
/// </remarks>
public sealed class Readahead
{
    /// <summary>Misses after which mappings read nothing along any more (MMAP_LOTSAMISS).</summary>
    public const int LotsOfMisses = 100;

    // Each window read ahead of need asks for larger folios, up to those of the page cache (MAX_PAGECACHE_ORDER).
    private const int OrderStep = 2;
    private const int OrderMax = 9;

    /// <summary>First page of the current window.</summary>
    public uint Start { get; private set; }

    /// <summary>Pages of the current window.</summary>
    public uint Size { get; private set; }

    /// <summary>Pages at its end that were read ahead of need: reaching them starts the next window.</summary>
    public uint AsyncSize { get; private set; }

    /// <summary>The order of the folios that the next window would be read in.</summary>
    public int Order { get; private set; }

    /// <summary>Misses of mappings, less hits.</summary>
    public int MmapMiss { get; set; }

    /// <summary>Whether reads take what they ask for and no more (FMODE_RANDOM, of POSIX_FADV_RANDOM).</summary>
    public bool IsRandom { get; set; }

    /// <summary>Whether windows are twice as large as usual (POSIX_FADV_SEQUENTIAL).</summary>
    public bool IsDoubled { get; set; }

    /// <summary>The page of the byte behind the last one read; far beyond every file before the first read.</summary>
    public ulong PreviousIndex { get; set; } = ulong.MaxValue >> 12;

    /// <summary>By how many bits windows are smaller than usual: a page could not be read.</summary>
    public int ErrorShift { get; private set; }

    /// <summary>A page could not be read: windows are a quarter as large from now on.</summary>
    /// <remarks>Linux: mm/filemap.c: shrink_readahead_size_eio, v6.18.</remarks>
    public void ShrinkForError() => ErrorShift = Math.Min(ErrorShift + 2, 30);

    /// <summary>A miss of a mapping: the window around the page.</summary>
    /// <param name="index">The page.</param>
    /// <param name="max">Pages of a full window (ra_pages); so for the others.</param>
    public void ReadAround(uint index, uint max)
    {
        Start = index < max / 2 ? 0 : index - (max / 2);
        Size = max;
        AsyncSize = max / 4;
        Order = 0;
    }

    /// <summary>A miss of a mapping of code: from the page to the end of the mapping, nothing ahead of need.</summary>
    public void ReadCode(uint index, uint mappingEnd, uint max)
    {
        Start = index;
        Size = Math.Min(max, mappingEnd - index);
        AsyncSize = 0;
        Order = 0;
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
            Order = 0;
            return true;
        }

        if (cachedBefore <= wanted)
            return false;
        // Cached from its first page on: a whole file is being read.
        uint history = cachedBefore == index ? cachedBefore * 2 : cachedBefore;
        Start = index;
        Size = Math.Min(history + wanted, max);
        AsyncSize = 1;
        Order = 0;
        return true;
    }

    /// <summary>Whether a marked page is the one that the current window marked.</summary>
    public bool Expects(uint index) => index == Start + Size - AsyncSize;

    /// <summary>The marked page was reached: the next window.</summary>
    /// <param name="index">The page.</param>
    /// <param name="wanted">Pages that the caller wants.</param>
    /// <param name="cachedAfter">Cached pages without a gap from the next page on, up to a window.</param>
    /// <param name="max">Pages of a full window.</param>
    /// <returns>False if there is nothing to read.</returns>
    public bool Async(uint index, uint wanted, uint cachedAfter, uint max)
    {
        if (Expects(index))
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

        Order = Math.Min(Order + OrderStep, OrderMax);
        uint end = Start + Size;
        uint aligned = end & ~((1U << Order) - 1);
        if (aligned > Start)
            Size -= end - aligned;
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
