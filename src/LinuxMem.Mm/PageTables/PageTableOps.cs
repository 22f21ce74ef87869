using LinuxMem.Arch.Addresses;
using LinuxMem.Arch.Memory;
using LinuxMem.Arch.Paging;
using LinuxMem.Mm.Locks;
using LinuxMem.Mm.Memcg;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.PageAlloc;
using LinuxMem.Mm.Stats;
using LinuxMem.Simulation.Mutants;

namespace LinuxMem.Mm.PageTables;

/// <summary>A leaf entry's place: the table's frame and the index in it.</summary>
/// <param name="Table">Frame of the lowest-level table; none if there is no such table.</param>
/// <param name="Index">Index of the entry.</param>
public readonly record struct PteSlot(Pfn Table, int Index)
{
    /// <summary>Whether there is a table.</summary>
    public bool Exists => !Table.IsNone;
}

/// <summary>Makes, reads, changes and frees page tables, which live in frames of RAM like anything else.</summary>
/// <remarks>
/// Linux: mm/memory.c: __pte_alloc, free_pgtables, v6.18. Every table is one frame with the place PageTable and one
/// reference, its owner the mm. Tables of all levels are freed when no VMA is left in what they span, as Linux frees
/// them: not as soon as they are empty.
/// </remarks>
public sealed class PageTableOps
{
    private readonly PhysicalMemory ram;
    private readonly PagingGeometry geometry;
    private readonly PageAllocator allocator;
    private readonly MemMap map;
    private readonly Mutant mutant;
    private readonly VmStat stat;
    private readonly PteFormat format;
    private readonly int entryBytes;
    private readonly ulong present;
    private readonly ulong pfnMask;
    private readonly int pfnShift;
    private readonly Step[] steps;
    private readonly int leaf;

    /// <summary>Operations on the tables of one machine.</summary>
    public PageTableOps(PhysicalMemory ram, PagingGeometry geometry, PageAllocator allocator, MemMap map, VmStat stat,
        Mutant mutant = default)
    {
        this.mutant = mutant;
        this.ram = ram;
        this.geometry = geometry;
        this.allocator = allocator;
        this.map = map;
        this.stat = stat;
        format = geometry.Format;
        entryBytes = format.EntryBytes;
        present = format.Present;
        pfnMask = format.PfnMask;
        pfnShift = format.PfnShift;
        steps = [.. geometry.Levels.Select(level => new Step(level.Shift, level.EntryCount - 1))];
        leaf = geometry.Levels.Length - 1;
    }

    /// <summary>The machine's locks; null for tables without a machine.</summary>
    public LockModel? Locks { get; init; }

    /// <summary>The memory cgroups, which pay for tables; null where there are none.</summary>
    public MemCgroups? Groups { get; set; }

    /// <summary>Entries in a lowest-level table.</summary>
    public int LeafEntries => geometry.Levels[leaf].EntryCount;

    /// <summary>A new, empty table for an mm; none if memory is out.</summary>
    public Pfn AllocTable(Mm mm, int cpu, ref WorkCost cost)
    {
        if (Groups is not null && !Groups.TryCharge(Groups.Current))
            return Pfn.None;
        Pfn table = allocator.AllocPages(cpu, GfpFlags.Kernel, new Order(0), FramePlace.PageTable,
            out AllocCost allocCost);
        Locks?.Allocated(table.IsNone ? null : allocator.ZoneOf(table), allocCost, cost);
        cost.AddAlloc(allocCost);
        Groups?.Settle(table, Groups.Current);
        if (table.IsNone)
            return table;
        cost.PageTables++;
        ram.ClearTable(table);
        map[table].Owner = mm.Id;
        mm.PageTablePages++;
        if (mutant != Mutant.M115)
            stat.Add(VmEvent.NrPageTablePages);
        return table;
    }

    /// <summary>
    /// Finds the leaf entry of an address; <see cref="PteSlot.Exists"/> is false if a table is missing.
    /// </summary>
    public PteSlot Find(Mm mm, ulong va)
    {
        Pfn table = mm.Context.Root;
        for (int level = 0; level < leaf; level++)
        {
            ulong entry = ram.ReadEntry(table, steps[level].IndexOf(va), entryBytes);
            if ((entry & present) == 0)
                return default;
            table = TableOf(entry);
        }

        return new PteSlot(table, steps[leaf].IndexOf(va));
    }

    /// <summary>
    /// The first address above <paramref name="va"/>, at most <paramref name="end"/>, that the missing table at va does
    /// not cover, so that a walk over a sparse range takes steps of the largest missing table. Precondition: va has no
    /// leaf table.
    /// </summary>
    public ulong SkipMissing(Mm mm, ulong va, ulong end)
    {
        Pfn table = mm.Context.Root;
        for (int level = 0; level < leaf; level++)
        {
            PagingLevel shape = geometry.Levels[level];
            ulong entry = ram.ReadEntry(table, shape.IndexOf(va), format.EntryBytes);
            if ((entry & format.Present) == 0)
                return Math.Min(end, (va & ~(shape.SpanBytes - 1)) + shape.SpanBytes);
            table = new Pfn(format.PfnOf(entry));
        }

        return va;
    }

    /// <summary>
    /// Finds the leaf entry of an address and makes the tables that are missing; does not exist if memory is out.
    /// </summary>
    public PteSlot FindOrAlloc(Mm mm, ulong va, int cpu, ref WorkCost cost)
    {
        Pfn table = mm.Context.Root;
        for (int level = 0; level < leaf; level++)
        {
            int index = steps[level].IndexOf(va);
            ulong entry = ram.ReadEntry(table, index, entryBytes);
            if ((entry & present) != 0)
            {
                table = TableOf(entry);
                continue;
            }

            Pfn lower = AllocTable(mm, cpu, ref cost);
            if (lower.IsNone)
                return default;
            ram.WriteEntry(table, index, entryBytes, format.Make(lower.Value, format.TableBits));
            table = lower;
        }

        return new PteSlot(table, steps[leaf].IndexOf(va));
    }

    /// <summary>Reads a leaf entry. Precondition: the slot exists.</summary>
    public ulong Read(PteSlot slot) => ram.ReadEntry(slot.Table, slot.Index, entryBytes);

    /// <summary>
    /// Writes a leaf entry. Precondition: the slot exists. The caller keeps the counts and sees to the TLBs.
    /// </summary>
    public void Write(PteSlot slot, ulong entry) => ram.WriteEntry(slot.Table, slot.Index, entryBytes, entry);

    /// <summary>
    /// Hands the tables under [start, end) that nothing needs any more to <paramref name="freed"/> and clears the
    /// entries above them: those whose whole span lies in [floor, ceiling), where no VMA is left. Precondition: nothing
    /// is mapped in [floor, ceiling).
    /// </summary>
    /// <remarks>The root stays. Linux: mm/memory.c: free_pgd_range, v6.18.</remarks>
    public void FreeTables(Mm mm, ulong start, ulong end, ulong floor, ulong ceiling, List<Pfn> freed)
    {
        if (leaf > 0 && start < end)
            FreeBelow(mm, mm.Context.Root, 0, 0, new FreeRange(start, end, floor, ceiling), freed);
    }

    private void FreeBelow(Mm mm, Pfn table, int level, ulong tableStart, in FreeRange range, List<Pfn> freed)
    {
        PagingLevel shape = geometry.Levels[level];
        ulong lastIndex = (ulong)shape.EntryCount - 1;
        ulong first = range.Start <= tableStart ? 0 : (range.Start - tableStart) >> shape.Shift;
        ulong last = Math.Min((range.End - 1 - tableStart) >> shape.Shift, lastIndex);
        for (ulong index = first; index <= last; index++)
        {
            ulong entry = ram.ReadEntry(table, (int)index, format.EntryBytes);
            if ((entry & format.Present) == 0)
                continue;
            var lower = new Pfn(format.PfnOf(entry));
            ulong spanStart = tableStart + (index << shape.Shift);
            if (level + 1 < leaf)
                FreeBelow(mm, lower, level + 1, spanStart, range, freed);
            if (spanStart < range.Floor || spanStart + shape.SpanBytes > range.Ceiling)
                continue;
            if (mutant == Mutant.M29 && level + 1 == leaf && index == last)
                continue;
            ram.WriteEntry(table, (int)index, format.EntryBytes, 0);
            Forget(mm, freed, lower);
        }
    }

    /// <summary>
    /// Hands the root itself over, at the end of the address space. Precondition: no other table is left.
    /// </summary>
    public void FreeRoot(Mm mm, List<Pfn> freed)
    {
        Forget(mm, freed, mm.Context.Root);
        mm.Context.Root = Pfn.None;
    }

    private void Forget(Mm mm, List<Pfn> freed, Pfn table)
    {
        mm.PageTablePages--;
        map[table].Place = FramePlace.Isolated;
        stat.Add(VmEvent.NrPageTablePages, -1);
        freed.Add(table);
    }

    private Pfn TableOf(ulong entry) => new((uint)((entry & pfnMask) >> pfnShift));

    // A level, laid out for speed.
    private readonly record struct Step(int Shift, int Mask)
    {
        public int IndexOf(ulong va) => (int)(va >> Shift) & Mask;
    }

    private readonly record struct FreeRange(ulong Start, ulong End, ulong Floor, ulong Ceiling);
}
