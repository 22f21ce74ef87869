using LinuxMem.Abi;
using LinuxMem.Mm.PageTables;
using LinuxMem.Mm.Vmas;

namespace LinuxMem.Mm.Fault;

/// <summary>A page fault on its way through the kernel.</summary>
/// <remarks>Linux: include/linux/mm.h: struct vm_fault, v6.18.</remarks>
/// <param name="Mm">The address space.</param>
/// <param name="Vma">The VMA that covers the address and allows the access.</param>
/// <param name="Va">The page's address.</param>
/// <param name="Kind">The access.</param>
/// <param name="Slot">The leaf entry's place.</param>
/// <param name="Entry">The leaf entry as found.</param>
/// <param name="At">Where and when.</param>
public readonly record struct VmFault(Mm Mm, Vma Vma, ulong Va, AccessKind Kind, PteSlot Slot, ulong Entry,
    TrapPoint At)
{
    /// <summary>Whether it is a store.</summary>
    public bool IsWrite => Kind == AccessKind.Write;
}
