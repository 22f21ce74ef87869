using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.PageTables;

namespace LinuxMem.Mm.Vmas;

/// <summary>A mapping and what is resident of it.</summary>
/// <param name="Start">First address.</param>
/// <param name="End">Address behind the last.</param>
/// <param name="Flags">Rights and treatment.</param>
/// <param name="Offset">Offset in the file, in bytes.</param>
/// <param name="Name">File, special name, or empty.</param>
/// <param name="RssPages">Pages of it that are mapped.</param>
/// <param name="AnonymousPages">Of these, pages of no file.</param>
public readonly record struct VmaUse(
    ulong Start, ulong End, VmFlags Flags, ulong Offset, string Name, long RssPages, long AnonymousPages);

/// <summary>Takes down which mappings an address space has, and what is resident of each.</summary>
/// <remarks>Linux: fs/proc/task_mmu.c: show_smap, smaps_pte_entry, v6.18.</remarks>
public sealed class VmaCensus
{
    private readonly KernelMemory memory;
    private readonly PageMapper mapper;

    /// <summary>Over one machine's memory.</summary>
    public VmaCensus(KernelMemory memory, PageMapper mapper)
    {
        this.memory = memory;
        this.mapper = mapper;
    }

    /// <summary>The mappings of an address space by rising address.</summary>
    public List<VmaUse> Take(Mm mm)
    {
        var all = new List<VmaUse>(mm.Vmas.Tree.Count);
        var labels = new MapsLabels(mm.StartBrk, mm.Brk, mm.Bounds.StartStack);
        int shift = memory.Geometry.PageShift;
        for (Vma? vma = mm.Vmas.Tree.First; vma is not null; vma = vma.Next)
        {
            (long rss, long anonymous) = Count(mm, vma);
            ulong offset = vma.Mapping is null ? 0 : vma.PgOff << shift;
            all.Add(new VmaUse(vma.Start, vma.End, vma.Flags, offset,
                MapsText.NameOf(vma, labels) ?? "", rss, anonymous));
        }

        return all;
    }

    private (long Rss, long Anonymous) Count(Mm mm, Vma vma)
    {
        long rss = 0;
        long anonymous = 0;
        for (ulong va = vma.Start; va < vma.End; va += memory.Geometry.PageBytes)
        {
            PteSlot slot = memory.Tables.Find(mm, va);
            if (!slot.Exists)
            {
                va = memory.Tables.SkipMissing(mm, va, vma.End) - memory.Geometry.PageBytes;
                continue;
            }

            ulong entry = memory.Tables.Read(slot);
            if (!mapper.IsMapped(entry) || mapper.PfnOf(entry) == memory.ZeroPage)
                continue;
            rss++;
            if (memory.Map[mapper.PfnOf(entry)].Place == FramePlace.Anon)
                anonymous++;
        }

        return (rss, anonymous);
    }
}
