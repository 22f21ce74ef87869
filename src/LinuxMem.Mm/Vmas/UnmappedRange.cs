using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Hugetlb;
using LinuxMem.Mm.Rmap;

namespace LinuxMem.Mm.Vmas;

/// <summary>
/// A run of pages that just left an address space, with what is needed to take its pages and charges back.
/// </summary>
/// <param name="Start">First address.</param>
/// <param name="End">First address beyond.</param>
/// <param name="Flags">Flags of the VMA that it was part of.</param>
/// <param name="PgOff">Index in pages, within the object, of the page at <paramref name="Start"/>.</param>
/// <param name="Mapping">The object; null for private anonymous memory. Its VMA count is already right.</param>
/// <param name="AnonVma">The anon_vma of the VMA, or null.</param>
/// <param name="HugePool">The pool of its pages, if they are huge ones.</param>
/// <param name="HugeReserve">The huge pages promised to it, or null.</param>
public readonly record struct UnmappedRange(
    ulong Start, ulong End, VmFlags Flags, ulong PgOff, AddressSpace? Mapping, AnonVma? AnonVma,
    HugePool? HugePool = null, HugeReserve? HugeReserve = null);
