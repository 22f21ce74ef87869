using LinuxMem.Abi;
using LinuxMem.Arch.Memory;
using LinuxMem.Arch.Paging;

namespace LinuxMem.Arch.Tlbs;

/// <summary>One CPU's memory management unit: carries out batches of accesses through TLBs, page-walk cache and page
/// tables.</summary>
/// <remarks>
/// An access that starts at time t costs HitNs; on top of it L2HitNs if the second level had to answer, or WalkLevelNs
/// for every table entry read. A fault costs nothing, changes nothing and leaves the batch at the access that trapped.
/// One thread at a time uses an MMU; MMUs with the same RAM may run at the same time.
/// </remarks>
public sealed class Mmu : IDisposable
{
    private readonly TranslationUnit unit;
    private readonly AccessLoop loop;
    private readonly PagingGeometry geometry;
    private readonly int asidCount;
    private TaskAccesses? task;

    /// <summary>An MMU with empty caches and nothing loaded.</summary>
    /// <param name="cpu">The CPU's number, from 0; as in <see cref="PteHistory"/>.</param>
    /// <param name="ram">The machine's RAM; must outlive the MMU.</param>
    /// <param name="geometry">The only shape of tables that it walks.</param>
    /// <param name="tlb">The caches.</param>
    /// <param name="costs">What accesses cost.</param>
    /// <param name="randomSeed">For random replacement.</param>
    /// <exception cref="ArgumentException">Settings that <see cref="TlbSettings.FindProblem"/> objects to.</exception>
    public Mmu(int cpu, PhysicalMemory ram, PagingGeometry geometry, TlbSettings tlb, MmuCosts costs, ulong randomSeed)
    {
        if ((tlb.FindProblem() ?? costs.FindProblem()) is { } problem)
            throw new ArgumentException(problem, nameof(tlb));
        if (ram.PageShift != geometry.PageShift)
            throw new ArgumentException("the frames of RAM must have the size of the geometry's pages", nameof(ram));
        Cpu = cpu;
        this.geometry = geometry;
        asidCount = tlb.AsidCount;
        unit = new TranslationUnit(cpu, ram, geometry, tlb, costs, randomSeed);
        loop = AccessLoop.Create(unit, tlb, costs, ram, geometry, Log);
    }

    /// <summary>The CPU's number.</summary>
    public int Cpu { get; }

    /// <summary>What was done since the MMU was made.</summary>
    public MmuCounters Counters => unit.Counters;

    /// <summary>Accesses to contents that the kernel has yet to carry out; always empty where RAM keeps none.</summary>
    public ContentLog Log { get; } = new();

    /// <summary>Accessed and dirty bits that the kernel has yet to set in the tables of shared mms.</summary>
    public AccessedDirtyLog Bits => unit.Bits;

    /// <summary>
    /// How many changes of the loaded address space the kernel had made when the CPU left it: its walks see them at
    /// once (<see cref="PteHistory.Changes"/>). 0: none of those on record.
    /// </summary>
    public long KnownChanges
    {
        get => unit.KnownChanges;
        set => unit.KnownChanges = value;
    }

    /// <summary>Switches to an address space and a task, as a load of CR3 with no flush does.</summary>
    /// <param name="mm">The address space; of the MMU's geometry.</param>
    /// <param name="asid">Its tag on this CPU, below <see cref="TlbSettings.AsidCount"/>. Who gives a tag to another mm
    /// flushes it first.</param>
    /// <param name="accesses">The task's counts.</param>
    public void Load(MmContext mm, ushort asid, TaskAccesses accesses)
    {
        if (!ReferenceEquals(mm.Geometry, geometry) && mm.Geometry != geometry)
            throw new ArgumentException($"not for an MMU of {geometry.Name}: {mm.Geometry.Name}", nameof(mm));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(asid, asidCount);
        unit.Load(mm, asid);
        task = accesses;
    }

    /// <summary>
    /// Carries a batch on from its position, until it is done, an access traps, or the next access would start at
    /// <paramref name="untilNs"/> or later. Where a run is cut by deadlines changes no result.
    /// </summary>
    /// <param name="batch">The batch; its position moves.</param>
    /// <param name="nowNs">The CPU's clock; moves on by the cost of each access.</param>
    /// <param name="untilNs">The first moment at which no access may start.</param>
    /// <param name="fault">What trapped, if the answer is <see cref="MmuStop.Fault"/>.</param>
    public MmuStop Run(AccessBatch batch, ref long nowNs, long untilNs, out MmuFault fault)
    {
        TaskAccesses loaded = task ?? throw new InvalidOperationException("no task is loaded");
        return loop.Run(batch, loaded, ref nowNs, untilNs, out fault);
    }

    /// <summary>
    /// Drops an address space's entries for <paramref name="pageCount"/> pages from <paramref name="firstVpn"/> on, and
    /// what the walk cache remembers about the tables that cover them.
    /// </summary>
    public void Invalidate(ushort asid, ulong firstVpn, ulong pageCount) => unit.Invalidate(asid, firstVpn, pageCount);

    /// <summary>Drops all entries of an address space.</summary>
    public void FlushAsid(ushort asid) => unit.FlushAsid(asid);

    /// <summary>Drops all entries.</summary>
    public void FlushAll() => unit.FlushAll();

    /// <summary>
    /// Adds all valid entries in a fixed order: first level for data, for code, second level, walk cache, each slot by
    /// slot. How recently entries were used is not part of it.
    /// </summary>
    public void ExportEntries(List<TlbEntryInfo> into) => unit.Export(into);

    /// <summary>
    /// Adds the valid entries that are not what the shadow says, and makes the shadow say what they are now. A new
    /// shadow says that there are none.
    /// </summary>
    public void ExportChanges(TlbShadow shadow, List<TlbEntryInfo> into) => unit.ExportChanges(shadow, into);

    /// <summary>Whether any TLB (the walk cache is none) has an entry for a page.</summary>
    public bool Holds(ushort asid, ulong va) => unit.Holds(asid, va);

    /// <inheritdoc/>
    public void Dispose() => unit.Dispose();
}
