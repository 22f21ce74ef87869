using LinuxMem.Arch.Addresses;
using LinuxMem.Audit.Snapshots;
using LinuxMem.Mm.Lru;

namespace LinuxMem.Actors.Auditing;

/// <summary>Writes down for the audit the lists of page replacement.</summary>
internal sealed class ReplacementSnapshot
{
    private readonly List<Pfn> pages = [];

    /// <summary>Adds the pages of all lists, and how long each is said to be.</summary>
    public void Fill(Lruvec lru, MachineSnapshot into)
    {
        for (var list = LruList.InactiveAnon; list <= LruList.ActiveFile; list++)
        {
            PageKind kind = list <= LruList.ActiveAnon ? PageKind.Anon : PageKind.File;
            bool active = list is LruList.ActiveAnon or LruList.ActiveFile;
            pages.Clear();
            lru.List(kind, active, pages);
            Add(list, into);
            into.LruCounters.Add(new LruCounterRecord { List = list, Count = lru.Count(kind, active) });
        }

        pages.Clear();
        foreach (uint pfn in lru.Unevictable)
            pages.Add(new Pfn(pfn));
        Add(LruList.Unevictable, into);
    }

    private void Add(LruList list, MachineSnapshot into)
    {
        foreach (Pfn page in pages)
        {
            ref LruPageRecord record = ref into.LruPages.Append();
            record.Pfn = page.Value;
            record.List = list;
        }
    }
}
