using LinuxMem.Mm.PageTables;
using LinuxMem.Mm.Vmas;

namespace LinuxMem.Mm.Rmap;

/// <summary>A page-table entry that maps a frame.</summary>
/// <param name="Mm">The address space.</param>
/// <param name="Vma">The VMA.</param>
/// <param name="Va">The page's address.</param>
/// <param name="Slot">The entry's place.</param>
/// <param name="Entry">The entry.</param>
public readonly record struct RmapEntry(Mm Mm, Vma Vma, ulong Va, PteSlot Slot, ulong Entry);
