namespace LinuxMem.Audit.Tests;

/// <summary>
/// Memory at its simplest: each page of each process is an object that holds its words; sharing is holding the same
/// object, fork makes new ones. Stands for a machine without bugs, and with a switch for one with a planted bug.
/// </summary>
internal sealed class NaiveMemory(int pageShift, int unitShift)
{
    private readonly Dictionary<(int Mm, ulong Page), Slot> pages = [];
    private readonly Dictionary<(int Object, ulong Page), ulong[]> objectPages = [];

    /// <summary>Fork forgets to copy: parent and child write to the same pages.</summary>
    public bool ForkShares { get; init; }

    /// <summary>Pages that are mapped again still hold what was there before.</summary>
    public bool PagesAreNotCleared { get; init; }

    private int Units => 1 << (pageShift - unitShift);

    public void Map(int mm, ulong firstPage, ulong pageCount, bool shared, int objectId, ulong firstIndex)
    {
        for (ulong i = 0; i < pageCount; i++)
        {
            ulong[]? own = null;
            if (objectId != 0 && !objectPages.TryGetValue((objectId, firstIndex + i), out own))
                objectPages[(objectId, firstIndex + i)] = own = new ulong[Units];
            if (own == null && PagesAreNotCleared && pages.TryGetValue((mm, firstPage + i), out Slot old))
                own = old.Words;
            bool copyOnWrite = objectId != 0 && !shared;
            pages[(mm, firstPage + i)] = new Slot(own ?? new ulong[Units], copyOnWrite, shared);
        }
    }

    public void Unmap(int mm, ulong firstPage, ulong pageCount)
    {
        for (ulong i = 0; i < pageCount; i++)
            pages.Remove((mm, firstPage + i));
    }

    public void Fork(int parent, int child)
    {
        foreach (((int mm, ulong page), Slot slot) in pages.ToArray())
        {
            if (mm != parent)
                continue;
            bool same = slot.Shared || slot.CopyOnWrite || ForkShares;
            pages[(child, page)] = same ? slot : slot with { Words = [.. slot.Words] };
        }
    }

    public void Exit(int mm)
    {
        foreach ((int Mm, ulong Page) key in pages.Keys.Where(k => k.Mm == mm).ToArray())
            pages.Remove(key);
    }

    public void Move(int mm, ulong oldPage, ulong newPage, ulong pageCount)
    {
        for (ulong i = 0; i < pageCount; i++)
        {
            pages.Remove((mm, newPage + i));
            if (pages.Remove((mm, oldPage + i), out Slot slot))
                pages[(mm, newPage + i)] = slot;
        }
    }

    public bool IsMapped(int mm, ulong va) => pages.ContainsKey((mm, va >> pageShift));

    public void Store(int mm, ulong va, ulong value)
    {
        Slot slot = pages[(mm, va >> pageShift)];
        if (slot.CopyOnWrite)
            slot = pages[(mm, va >> pageShift)] = slot with { Words = [.. slot.Words], CopyOnWrite = false };
        slot.Words[(va >> unitShift) & (ulong)(Units - 1)] = value;
    }

    public ulong Load(int mm, ulong va) => pages[(mm, va >> pageShift)].Words[(va >> unitShift) & (ulong)(Units - 1)];

    private readonly record struct Slot(ulong[] Words, bool CopyOnWrite, bool Shared);
}
