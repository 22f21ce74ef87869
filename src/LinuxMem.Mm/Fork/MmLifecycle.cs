using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.PageTables;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Tlb;
using LinuxMem.Mm.Vmas;
using LinuxMem.Simulation.Faults;

namespace LinuxMem.Mm.Fork;

/// <summary>Makes and ends address spaces.</summary>
/// <remarks>Linux: kernel/fork.c: mm_init, mmput; mm/mmap.c: exit_mmap, v6.18.</remarks>
public sealed class MmLifecycle
{
    private readonly KernelMemory memory;
    private readonly PageMapper mapper;
    private readonly SortedDictionary<int, Mm> live = [];
    private int lastId;

    /// <summary>Over one machine's memory.</summary>
    public MmLifecycle(KernelMemory memory, PageMapper mapper)
    {
        this.memory = memory;
        this.mapper = mapper;
    }

    /// <summary>The address spaces that exist, by id.</summary>
    public IReadOnlyCollection<Mm> Live => live.Values;

    /// <summary>Whether an address space exists still.</summary>
    public bool IsLive(Mm mm) => live.ContainsKey(mm.Id);

    /// <summary>The address space of a number; null if it is gone.</summary>
    public Mm? Find(int id) => live.GetValueOrDefault(id);

    /// <summary>An empty address space with a root table; null if memory is out.</summary>
    public Mm? Create(RlimitTable limits, int cpu, ref WorkCost cost)
    {
        if (memory.FaultSwitch.Fails(FaultSite.AllocateMm))
            return null;
        var vmas = new VmaSet(memory.Geometry.PageShift, 0, memory.Geometry.TaskSize,
            memory.Tunables.MaxMapCount, memory.FaultSwitch)
        { Mutant = memory.Mutant, Tunables = memory.Tunables };
        var mm = new Mm(++lastId, memory.Geometry, vmas, limits,
            memory.Settings.Cpus)
        { MmapBase = MmapBaseFor(limits) };
        Pfn root = memory.Tables.AllocTable(mm, cpu, ref cost);
        if (root.IsNone)
            return null;
        mm.Context.Root = root;
        live.Add(mm.Id, mm);
        return mm;
    }

    /// <summary>Ends an address space that no task uses any more: pages, tables, VMAs, TLB entries.</summary>
    public void Destroy(Mm mm, TrapPoint at, ref WorkCost cost)
    {
        mm.UpdateHiwaterRss();
        if (mm.ExeFile is { } running)
            running.WriteCount++;
        MmuGather gather = memory.Coherence.Begin(mm);
        for (Vma? vma = mm.Vmas.Tree.First; vma is not null; vma = mm.Vmas.Tree.Next(vma))
        {
            if (vma.AnonVma is { } family)
                memory.Locks.LinksAnonVma(family, cost);
            if (vma.Mapping is { } mapping)
                memory.Locks.WalksRmap(mapping);
            mapper.Zap(mm, vma.Start, vma.End, vma.Flags, gather, at, ref cost);
        }

        memory.Huge.ReleaseAll(mm);
        // One step past the last user address: spans of the top level may reach beyond it.
        memory.Tables.FreeTables(mm, 0, memory.Geometry.TaskSize, 0, ulong.MaxValue, gather.Tables);
        memory.Tables.FreeRoot(mm, gather.Tables);
        mm.Vmas.Clear();
        memory.Coherence.Retire(mm, gather, at.Cpu, at.NowNs);
        live.Remove(mm.Id);
    }

    // mmap_base: below the largest stack that the limit allows, at least 128 MiB, at most 5/6 of the address space.
    private ulong MmapBaseFor(RlimitTable limits)
    {
        ulong end = memory.Geometry.MapWindowEnd;
        ulong guard = (ulong)memory.Settings.Vm.StackGuardGapPages << memory.Geometry.PageShift;
        ulong gapMax = end / 6 * 5;
        ulong gap = Math.Min(gapMax, Math.Max(128UL << 20, Math.Min(limits.StackBytes, gapMax) + guard));
        return (end - gap) & ~memory.Geometry.PageOffsetMask;
    }
}
