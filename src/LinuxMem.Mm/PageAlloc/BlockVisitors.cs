using LinuxMem.Arch.Addresses;

namespace LinuxMem.Mm.PageAlloc;

/// <summary>Sees one free block of a zone.</summary>
public delegate void FreeBlockVisitor(Zone zone, Order order, MigrateType type, Pfn pfn);

/// <summary>Sees one block on a per-CPU list.</summary>
public delegate void PerCpuBlockVisitor(int cpu, Zone zone, Order order, MigrateType type, Pfn pfn);
