using LinuxMem.Arch.Addresses;
using LinuxMem.Arch.Paging;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.PageTables;
using LinuxMem.Mm.Rmap;
using LinuxMem.Mm.Vmas;
using LinuxMem.Simulation.Mutants;

namespace LinuxMem.Mm.Lru;

/// <summary>Reads and clears the accessed bits of a page through all its mappings.</summary>
/// <remarks>
/// Linux: mm/rmap.c: folio_referenced, folio_referenced_one, v6.18. TLBs are not flushed for it, as there: a page that
/// is used through a TLB entry alone looks unused. Mappings that are read in sequence or at random tell nothing.
/// </remarks>
public sealed class PageReferences : IPageReferences
{
    private const VmFlags NoRecency = VmFlags.SeqRead | VmFlags.RandRead;
    private readonly KernelMemory memory;
    private readonly PageMapper mapper;
    private readonly RmapWalk rmap;
    private readonly PteFormat format;
    private readonly List<RmapEntry> entries = [];

    /// <summary>Over one machine's memory.</summary>
    public PageReferences(KernelMemory memory, PageMapper mapper, RmapWalk rmap)
    {
        this.memory = memory;
        this.mapper = mapper;
        this.rmap = rmap;
        format = memory.Geometry.Format;
    }

    /// <summary>When it is asked: the moment of the changes that it makes.</summary>
    public long NowNs { get; set; }

    /// <inheritdoc/>
    public int TestAndClear(Pfn page, out bool executable, out bool locked)
    {
        executable = locked = false;
        int referenced = 0;
        rmap.Find(page, entries);
        foreach (RmapEntry mapping in entries)
        {
            executable |= (mapping.Vma.Flags & VmFlags.Exec) != 0;
            locked |= (mapping.Vma.Flags & VmFlags.Locked) != 0 && memory.Mutant != Mutant.M54;
            if ((mapping.Entry & format.Accessed) == 0)
                continue;
            mapper.Set(mapping.Mm, mapping.Slot, mapping.Va, mapping.Entry & ~format.Accessed,
                new TrapPoint(-1, NowNs));
            if ((mapping.Vma.Flags & NoRecency) == 0)
                referenced++;
        }

        return referenced;
    }

    /// <inheritdoc/>
    public PageKind KindOf(Pfn page) =>
        (memory.Map[page].Flags & PageFlags.SwapBacked) != 0 ? PageKind.Anon : PageKind.File;
}
