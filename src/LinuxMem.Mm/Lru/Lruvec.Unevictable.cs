using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.Stats;

namespace LinuxMem.Mm.Lru;

/// <content>Pages that cannot leave: a locked mapping has them, or their object keeps them.</content>
/// <remarks>
/// Linux: mm/mlock.c: __mlock_folio, __munlock_folio; mm/swap.c: lru_add, v6.18. They are linked to no list: each
/// frame has in Prev how many locked mappings it has, and in Next whether its object keeps it. Linux does this in
/// batches, and its counts may be too low for a while; here they are right at once.
/// </remarks>
public sealed partial class Lruvec
{
    private readonly SortedSet<uint> unevictable = [];
    private readonly VmStat stat;

    /// <summary>Pages that cannot leave (nr_unevictable).</summary>
    public long UnevictablePages { get; private set; }

    /// <summary>The frames of those pages, by number.</summary>
    public IReadOnlyCollection<uint> Unevictable => unevictable;

    /// <summary>
    /// A locked mapping has got a page (mlock_vma_folio). One that no list has, such as a merged page, is left alone.
    /// </summary>
    public void Lock(Pfn page)
    {
        ref PageFrame frame = ref map[page];
        if ((frame.Flags & PageFlags.Lru) == 0)
            return;
        Cull(page, ref frame);
        if (frame.Prev++ > 0)
            return;
        stat.Add(VmEvent.NrMlock);
        stat.Add(VmEvent.UnevictablePgsMlocked);
    }

    /// <summary>A locked mapping has lost a page, or is locked no more; with the last one it can leave again.</summary>
    public void Unlock(Pfn page)
    {
        const PageFlags both = PageFlags.Lru | PageFlags.Unevictable;
        ref PageFrame frame = ref map[page];
        if ((frame.Flags & both) != both || frame.Prev == 0 || --frame.Prev > 0)
            return;
        stat.Add(VmEvent.NrMlock, -1);
        stat.Add(VmEvent.UnevictablePgsMunlocked);
        if (frame.Next != 0)
            return;
        RemoveUnevictable(page, ref frame);
        Of(page).Added(page, 0);
        stat.Add(VmEvent.UnevictablePgsRescued);
    }

    /// <summary>The object of a page keeps it in memory (AS_UNEVICTABLE). Precondition: a list has it.</summary>
    public void Pin(Pfn page)
    {
        ref PageFrame frame = ref map[page];
        Cull(page, ref frame);
        frame.Next = 1;
    }

    /// <summary>Its object keeps a page no more; unless a locked mapping has it, it can leave again.</summary>
    /// <remarks>Linux: mm/vmscan.c: check_move_unevictable_folios, v6.18.</remarks>
    public void Unpin(Pfn page)
    {
        const PageFlags both = PageFlags.Lru | PageFlags.Unevictable;
        ref PageFrame frame = ref map[page];
        if ((frame.Flags & both) != both)
            return;
        stat.Add(VmEvent.UnevictablePgsScanned);
        frame.Next = 0;
        if (frame.Prev > 0)
            return;
        RemoveUnevictable(page, ref frame);
        Of(page).Added(page, 0);
        stat.Add(VmEvent.UnevictablePgsRescued);
    }

    private void Cull(Pfn page, ref PageFrame frame)
    {
        if ((frame.Flags & PageFlags.Unevictable) != 0)
            return;
        Of(page).Removed(page);
        frame.Flags = (frame.Flags | PageFlags.Unevictable) & ~PageFlags.Active;
        frame.Prev = frame.Next = 0;
        unevictable.Add(page.Value);
        UnevictablePages++;
        stat.Add(VmEvent.UnevictablePgsCulled);
    }

    // A page that goes with its locks still on it: the count goes with it (free_pages_prepare).
    private void RemoveUnevictable(Pfn page, ref PageFrame frame)
    {
        if (frame.Prev > 0)
        {
            stat.Add(VmEvent.NrMlock, -1);
            stat.Add(VmEvent.UnevictablePgsCleared);
        }

        frame.Flags &= ~PageFlags.Unevictable;
        frame.Prev = frame.Next = 0;
        unevictable.Remove(page.Value);
        UnevictablePages--;
    }

    private void ReplaceUnevictable(Pfn old, Pfn replacement)
    {
        (map[replacement].Prev, map[replacement].Next) = (map[old].Prev, map[old].Next);
        map[old].Prev = map[old].Next = 0;
        unevictable.Remove(old.Value);
        unevictable.Add(replacement.Value);
    }
}
