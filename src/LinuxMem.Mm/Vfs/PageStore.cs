namespace LinuxMem.Mm.Vfs;

/// <summary>
/// The contents of a file where no cached page has them: the blocks of its disk. Sparse: what was never written out, or
/// never came from outside, is not there and reads as zeros.
/// </summary>
public sealed class PageStore
{
    private readonly SortedDictionary<uint, byte[]> pages = [];
    private readonly SortedDictionary<uint, ulong> tags = [];
    private readonly int pageShift;
    private Func<ulong, Memory<byte>, int>? outside;
    private ulong outsideBytes;

    /// <summary>An empty store of pages of 2^<paramref name="pageShift"/> bytes.</summary>
    public PageStore(int pageShift) => this.pageShift = pageShift;

    /// <summary>Lets the first bytes come from outside where nothing was written over them.</summary>
    /// <param name="bytes">Fills a buffer from an offset on and says how many bytes it gave.</param>
    /// <param name="length">How many bytes there are.</param>
    public void ComesFrom(Func<ulong, Memory<byte>, int> bytes, ulong length)
    {
        outside = bytes;
        outsideBytes = length;
    }

    /// <summary>Reads a page; false, and nothing touched, where it is a hole.</summary>
    public bool Read(uint index, Span<byte> into)
    {
        if (pages.TryGetValue(index, out byte[]? page))
        {
            if (page.Length == 0)
                return false;
            page.CopyTo(into);
            return true;
        }

        ulong from = (ulong)index << pageShift;
        if (outside is null || from >= outsideBytes)
            return false;
        byte[] buffer = new byte[1 << pageShift];
        int wanted = (int)Math.Min((ulong)buffer.Length, outsideBytes - from);
        int given = outside(from, buffer.AsMemory(0, wanted));
        buffer.AsSpan(Math.Max(0, given)).Clear();
        buffer.CopyTo(into);
        return true;
    }

    /// <summary>Whether a page is more than a hole.</summary>
    public bool Has(uint index) => pages.TryGetValue(index, out byte[]? page)
        ? page.Length > 0 : outside is not null && (ulong)index << pageShift < outsideBytes;

    /// <summary>Writes a page.</summary>
    public void Write(uint index, ReadOnlySpan<byte> page)
    {
        if (pages.TryGetValue(index, out byte[]? old) && old.Length == page.Length)
            page.CopyTo(old);
        else
            pages[index] = page.ToArray();
    }

    /// <summary>The 64-bit word at an offset of a page; 0 where it is a hole.</summary>
    public ulong ReadWord(uint index, int offset)
    {
        if (pages.TryGetValue(index, out byte[]? page))
            return page.Length == 0 ? 0 : BitConverter.ToUInt64(page, offset);
        if (outside is null)
            return 0;
        byte[] whole = new byte[1 << pageShift];
        return Read(index, whole) ? BitConverter.ToUInt64(whole, offset) : 0;
    }

    /// <summary>The tag of a page, where contents are tags; 0 where it is a hole.</summary>
    public ulong ReadTag(uint index) => tags.GetValueOrDefault(index);

    /// <summary>Writes a page's tag.</summary>
    public void WriteTag(uint index, ulong tag)
    {
        if (tag == 0)
            tags.Remove(index);
        else
            tags[index] = tag;
    }

    /// <summary>
    /// Takes pages out of the middle, so that what lies behind moves down, or puts holes in.
    /// </summary>
    /// <param name="first">Where.</param>
    /// <param name="count">How many pages.</param>
    /// <param name="end">One past the last page of the file.</param>
    /// <param name="inserts">Whether holes are put in rather than pages taken out.</param>
    public void Shift(ulong first, ulong count, ulong end, bool inserts)
    {
        byte[] page = new byte[1 << pageShift];
        var behind = new List<(ulong Index, byte[] Page)>();
        for (ulong index = inserts ? first : first + count; index < end; index++)
        {
            if (Has((uint)index) && Read((uint)index, page))
                behind.Add((inserts ? index + count : index - count, (byte[])page.Clone()));
        }

        (uint Index, ulong Tag)[] tagsBehind =
            [.. tags.Where(t => t.Key >= (inserts ? first : first + count)).Select(t => (t.Key, t.Value))];
        Punch(first, uint.MaxValue + 1UL);
        foreach ((ulong index, byte[] bytes) in behind)
            pages[(uint)index] = bytes;
        foreach ((uint index, ulong tag) in tagsBehind)
            tags[(uint)(inserts ? index + count : index - count)] = tag;
    }

    /// <summary>Makes the pages from one on, up to and without another, holes.</summary>
    public void Punch(ulong first, ulong end)
    {
        ulong outsideEnd = (outsideBytes + (1UL << pageShift) - 1) >> pageShift;
        if (end >= outsideEnd)
            outsideBytes = Math.Min(outsideBytes, first << pageShift);
        else
            for (ulong index = first; index < end; index++)
                pages[(uint)index] = [];
        foreach (uint index in pages.Keys.Where(i => i >= first && i < end && pages[i].Length > 0).ToArray())
            pages.Remove(index);
        foreach (uint index in tags.Keys.Where(i => i >= first && i < end).ToArray())
            tags.Remove(index);
    }
}
