using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.Syscalls;
using LinuxMem.Simulation.Mutants;

namespace LinuxMem.Mm.Filemap;

/// <summary>Pages that are in the cache for nobody.</summary>
public sealed partial class MappingCut
{
    /// <summary>Takes the clean pages that nobody maps, of a range of a file, out of the page cache.</summary>
    /// <remarks>Linux: mm/truncate.c: mapping_try_invalidate, v6.18.</remarks>
    public IEnumerator<PageLookup> DropUnmapped(CallProgress call, AddressSpace mapping, ulong first, ulong end)
    {
        ulong from = first;
        while (mapping.Pages > 0 && first < end && first <= uint.MaxValue)
        {
            yield return new PageLookup(mapping, (uint)first, PageLookup.BatchPages, Present: true);
            Folio folio = default;
            int count = 0;
            for (; count < call.Pages.Length && call.Pages[count] != 0; count++)
            {
                var page = new Pfn(call.Pages[count]);
                PageFrame frame = memory.Map[page];
                if (frame.Index >= end)
                    yield break;
                first = frame.Index + 1UL;
                if (mapping.Folios is { } folios && folios.TryFind(frame.Index, out folio))
                    break;
                if (IsUnused(page))
                    files.Remove(mapping, page, call.At.Cpu);
            }

            if (folio.Order > 0)
            {
                first = folio.End;
                yield return new PageLookup(mapping, folio.First, folio.Count);
                if (folio.First >= from && folio.End <= end)
                    DropWhole(call, mapping);
            }
            else if (count < PageLookup.BatchPages)
            {
                yield break;
            }
        }
    }

    private bool IsUnused(Pfn page)
    {
        PageFrame frame = memory.Map[page];
        bool isDirty = (frame.Flags & PageFlags.Dirty) != 0 && memory.Mutant != Mutant.M89;
        return frame.MapCount == 0 && !isDirty && !files.IsUnderWay(page) && !memory.Lent.Has(page);
    }

    // A folio goes as a whole, or not at all.
    private void DropWhole(CallProgress call, AddressSpace mapping)
    {
        foreach (uint page in call.Pages)
        {
            if (page != 0 && !IsUnused(new Pfn(page)))
                return;
        }

        foreach (uint page in call.Pages)
        {
            if (page != 0)
                files.Remove(mapping, new Pfn(page), call.At.Cpu);
        }
    }
}
