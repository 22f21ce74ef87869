using LinuxMem.Arch.Addresses;
using LinuxMem.Arch.Paging;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.PageTables;
using LinuxMem.Mm.Swap;
using LinuxMem.Mm.Vmas;

namespace LinuxMem.Mm.Proc.Process;

/// <summary>Goes over the pages that entries of an address space map.</summary>
/// <remarks>
/// Linux: mm/pagewalk.c: walk_page_vma; mm/memory.c: vm_normal_page, v6.18. Entries of the zero page, and of mappings
/// without descriptors ([vvar]), are no pages to it. Missing tables are skipped whole. Cost: O(tables + entries in
/// them).
/// </remarks>
public readonly struct MappedPages
{
    private readonly KernelMemory memory;
    private readonly PteFormat format;

    /// <summary>Of one machine.</summary>
    public MappedPages(KernelMemory memory)
    {
        this.memory = memory;
        format = memory.Geometry.Format;
    }

    /// <summary>What to do with a page: its entry and its frame.</summary>
    public delegate void Visitor(ulong entry, in PageFrame frame);

    /// <summary>What to do with an entry that names a slot of swap.</summary>
    /// <param name="slot">The slot.</param>
    /// <param name="exclusive">Whether no other entry names it.</param>
    public delegate void SwapVisitor(SwapEntry slot, bool exclusive);

    /// <summary>Calls the visitors for each page of a VMA, by rising address.</summary>
    public void Visit(Mm mm, Vma vma, Visitor visit, SwapVisitor? visitSwap = null)
    {
        int pageShift = memory.Geometry.PageShift;
        ulong tableSpan = (ulong)memory.Tables.LeafEntries << pageShift;
        for (ulong va = vma.Start; va < vma.End;)
        {
            PteSlot slot = memory.Tables.Find(mm, va);
            if (!slot.Exists)
            {
                va = memory.Tables.SkipMissing(mm, va, vma.End);
                continue;
            }

            ulong tableEnd = Math.Min(vma.End, (va & ~(tableSpan - 1)) + tableSpan);
            for (; va < tableEnd; va += 1UL << pageShift, slot = slot with { Index = slot.Index + 1 })
            {
                ulong entry = memory.Tables.Read(slot);
                if (visitSwap is not null && format.IsSwap(entry))
                    visitSwap(SwapPte.EntryOf(format, entry), SwapPte.IsExclusive(format, entry));
                if ((entry & (format.Present | format.ProtNone)) == 0)
                    continue;
                ref readonly PageFrame frame = ref memory.Map[new Pfn(format.PfnOf(entry))];
                if ((frame.Flags & PageFlags.ZeroPage) == 0 && (vma.Flags & VmFlags.PfnMap) == 0)
                    visit(entry, in frame);
            }
        }
    }

    /// <summary>Adds up the pages of a VMA.</summary>
    /// <remarks>Linux: fs/proc/task_mmu.c: smap_gather_stats, v6.18.</remarks>
    public void Gather(Mm mm, Vma vma, SwapSharers sharers, ref MemSizeStats stats)
    {
        MemSizeStats sum = stats;
        ulong pageBytes = memory.Geometry.PageBytes;
        ulong accessed = format.Accessed;
        ulong dirty = format.Dirty;
        bool locked = (vma.Flags & VmFlags.Locked) != 0;
        Visit(mm, vma, (ulong entry, in PageFrame frame) =>
            sum.Account(in frame, pageBytes, (entry & accessed) != 0, (entry & dirty) != 0, locked),
            (slot, exclusive) => sum.AccountSwap(pageBytes, exclusive ? 1 : sharers.CountOf(slot)));
        if (vma.Mapping?.Swapped is { } swapped)
            GatherSwapped(mm, vma, swapped, ref sum);
        stats = sum;
    }

    // Shared memory in swap, as far as this mapping shows it: not where a private copy hides it.
    private void GatherSwapped(Mm mm, Vma vma, SortedDictionary<uint, SwapEntry> swapped, ref MemSizeStats stats)
    {
        bool mayHide = (vma.Flags & (VmFlags.Shared | VmFlags.Write)) == VmFlags.Write;
        ulong end = vma.PgOff + vma.SpanPages;
        foreach (uint index in swapped.Keys)
        {
            if (index < vma.PgOff || index >= end)
                continue;
            ulong va = vma.Start + ((index - vma.PgOff) << memory.Geometry.PageShift);
            PteSlot slot = memory.Tables.Find(mm, va);
            if (!mayHide || !slot.Exists || memory.Tables.Read(slot) == 0)
                stats.AccountShmemSwap(memory.Geometry.PageBytes);
        }
    }
}
