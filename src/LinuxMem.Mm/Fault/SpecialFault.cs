using LinuxMem.Arch.Addresses;
using LinuxMem.Arch.Paging;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.PageTables;
using LinuxMem.Mm.Rmap;

namespace LinuxMem.Mm.Fault;

/// <summary>Serves the first access to a page of a special mapping: the kernel's own pages, one at a time.</summary>
/// <remarks>
/// Linux: mm/mmap.c: special_mapping_fault; arch/x86/entry/vdso/vma.c: vdso_fault; lib/vdso/datastore.c: vvar_fault,
/// v6.18. A page of [vdso] counts as a file's in the resident set; a page of [vvar] is mapped without a struct page and
/// does not count: the zero page stands for it.
/// </remarks>
public sealed class SpecialFault
{
    private readonly KernelMemory memory;
    private readonly FaultQuestion question;
    private readonly PageMapper mapper;
    private readonly AnonVmas anonVmas;
    private readonly FilePages files;
    private readonly PteFormat format;

    /// <summary>Over one machine's memory; a page of [vdso] is kept where files' pages are.</summary>
    public SpecialFault(KernelMemory memory, FaultQuestion question, PageMapper mapper, AnonVmas anonVmas,
        FilePages files)
    {
        this.memory = memory;
        this.question = question;
        this.mapper = mapper;
        this.anonVmas = anonVmas;
        this.files = files;
        format = memory.Geometry.Format;
    }

    /// <summary>
    /// Asks for the page (<paramref name="pages"/> empty) or maps it. Preconditions: the slot is empty; the VMA is a
    /// special mapping.
    /// </summary>
    public FaultOutcome Handle(in VmFault fault, ReadOnlySpan<uint> pages, ref WorkCost cost)
    {
        ulong bits = mapper.ReadOnlyBits(fault.Vma.Flags) | format.Accessed;
        if (fault.Vma.Special is not { } image)
        {
            mapper.MapZeroPage(fault.Mm, fault.Slot, fault.Va, bits, fault.At);
            return new FaultOutcome(FaultKind.FileRead);
        }

        uint index = (uint)fault.Vma.PageIndexOf(fault.Va);
        if (pages.IsEmpty)
            return question.Ask(new PageLookup(image, index, 1));
        Pfn page = pages[0] != 0 ? new Pfn(pages[0]) : files.Add(image, index, fault.At.Cpu, ref cost);
        if (page.IsNone)
            return FaultOutcome.OutOfMemory;
        if (fault.IsWrite)
            return Cow(fault, page, bits, ref cost);
        memory.Map[page].RefCount++;
        mapper.Map(fault.Mm, fault.Slot, fault.Va, page, bits, fault.At, fault.Vma.Flags);
        return new FaultOutcome(FaultKind.FileRead);
    }

    // Only after mprotect: debuggers write breakpoints so.
    private FaultOutcome Cow(in VmFault fault, Pfn page, ulong bits, ref WorkCost cost)
    {
        if (anonVmas.Prepare(fault.Vma) is not { } owner)
            return FaultOutcome.OutOfMemory;
        Pfn copy = memory.AllocData(fault.At.Cpu, FramePlace.Anon, zeroed: false, ref cost);
        if (copy.IsNone)
            return FaultOutcome.OutOfMemory;
        memory.Ram.CopyData(page, copy);
        cost.CopiedPages++;
        memory.InitAnon(copy, owner, fault.Vma.PageIndexOf(fault.Va), fault.Vma);
        mapper.Map(fault.Mm, fault.Slot, fault.Va, copy, bits | format.Write | format.Dirty, fault.At, fault.Vma.Flags);
        return new FaultOutcome(FaultKind.FileCow);
    }
}
