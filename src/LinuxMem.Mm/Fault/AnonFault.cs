using LinuxMem.Arch.Addresses;
using LinuxMem.Arch.Paging;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.PageTables;
using LinuxMem.Mm.Rmap;
using LinuxMem.Mm.Vmas;

namespace LinuxMem.Mm.Fault;

/// <summary>Serves the first access to a page of private anonymous memory.</summary>
/// <remarks>Linux: mm/memory.c: do_anonymous_page, v6.18.</remarks>
public sealed class AnonFault
{
    private readonly KernelMemory memory;
    private readonly PageMapper mapper;
    private readonly AnonVmas anonVmas;
    private readonly PteFormat format;

    /// <summary>Over one machine's memory.</summary>
    public AnonFault(KernelMemory memory, PageMapper mapper, AnonVmas anonVmas)
    {
        this.memory = memory;
        this.mapper = mapper;
        this.anonVmas = anonVmas;
        format = memory.Geometry.Format;
    }

    /// <summary>
    /// Maps the zero page for a load, a frame of zeros for a store; kernels without a zero page
    /// (<see cref="Simulation.Settings.VmSettings.ZeroPage"/>) map a frame of zeros for both, writable where the VMA
    /// is. Precondition: the slot is empty.
    /// </summary>
    /// <remarks>Linux: mm_forbids_zeropage().</remarks>
    public FaultOutcome Handle(in VmFault fault, ref WorkCost cost)
    {
        ulong bits = mapper.ReadOnlyBits(fault.Vma.Flags) | format.Accessed;
        if (!fault.IsWrite && memory.Settings.Vm.ZeroPage)
        {
            mapper.MapZeroPage(fault.Mm, fault.Slot, fault.Va, bits, fault.At);
            return new FaultOutcome(FaultKind.ZeroPageRead);
        }

        if (anonVmas.Prepare(fault.Vma) is not { } owner)
            return FaultOutcome.OutOfMemory;
        Pfn pfn = memory.AllocData(fault.At.Cpu, FramePlace.Anon, zeroed: true, ref cost);
        if (pfn.IsNone)
            return FaultOutcome.OutOfMemory;
        memory.InitAnon(pfn, owner, fault.Vma.PageIndexOf(fault.Va), fault.Vma);
        if ((fault.Vma.Flags & VmFlags.Write) != 0)
            bits |= format.Write | format.Dirty;
        mapper.Map(fault.Mm, fault.Slot, fault.Va, pfn, bits, fault.At, fault.Vma.Flags);
        return new FaultOutcome(FaultKind.AnonZeroFill);
    }
}
