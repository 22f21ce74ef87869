using LinuxMem.Mm.Accounting;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Rmap;
using LinuxMem.Simulation;
using LinuxMem.Simulation.Faults;
using LinuxMem.Simulation.Mutants;

namespace LinuxMem.Mm.Vmas;

/// <summary>
/// The VMAs of one address space and everything that changes them: mapping, unmapping, new rights, growth, fork.
/// </summary>
/// <remarks>
/// Linux: mm/vma.c and mm/mmap.c, v6.18. After every operation: VMAs are ordered and disjoint (I21); no two neighbours
/// could be one, except where Linux leaves them apart as well, which <see cref="Vma.LeftUnmerged"/> marks (I22); the
/// counters are those of the VMAs; and each object's <see cref="AddressSpace.VmaCount"/> includes this set's.
/// Permissions, limits and page tables are the caller's.
/// </remarks>
public sealed partial class VmaSet
{
    /// <summary>Linux's default for vm.max_map_count.</summary>
    public const int DefaultMaxMapCount = 65530;

    private readonly FaultSwitch? faults;
    private readonly int maxMapCount;
    private VmCounters counters;

    /// <summary>An address space without VMAs.</summary>
    /// <param name="pageShift">log2 of the page size in bytes.</param>
    /// <param name="lowest">First address that a VMA may have (vm.mmap_min_addr), whole pages.</param>
    /// <param name="taskSize">First address beyond user space, whole pages.</param>
    /// <param name="maxMapCount">Number of VMAs at which splits are refused (vm.max_map_count).</param>
    /// <param name="faults">Makes allocations of VMAs fail; null if none is to.</param>
    public VmaSet(int pageShift, ulong lowest, ulong taskSize, int maxMapCount = DefaultMaxMapCount,
        FaultSwitch? faults = null)
    {
        this.faults = faults;
        Tree = new VmaTree(pageShift, lowest, taskSize);
        this.maxMapCount = maxMapCount;
    }

    /// <summary>The bug that is planted, if any.</summary>
    public Mutant Mutant { get; init; }

    /// <summary>
    /// The VMAs in order. Change them through this set only, or counters and objects' counts go wrong.
    /// </summary>
    public VmaTree Tree { get; }

    /// <summary>The address space that they make up; null until it is known.</summary>
    public Mm? Mm { get; internal set; }

    /// <summary>Number of VMAs at which splits are refused (vm.max_map_count).</summary>
    public int MaxMapCount => Tunables?.MaxMapCount ?? maxMapCount;

    /// <summary>Settings that may change; null for none.</summary>
    public VmTunables? Tunables { get; init; }

    /// <summary>All counters at once.</summary>
    public VmCounters Counters => counters;

    /// <summary>All pages (VmSize).</summary>
    public ulong TotalVmPages => counters.TotalPages;

    /// <summary>
    /// The most pages there were before an unmapping (hiwater_vm): VmPeak is this or <see cref="TotalVmPages"/>.
    /// </summary>
    public ulong PeakVmPages { get; internal set; }

    /// <summary>Pages that are private, writable and not stack (VmData).</summary>
    public ulong DataVmPages => counters.DataPages;

    /// <summary>Pages that are executable, not writable and not stack.</summary>
    public ulong ExecVmPages => counters.ExecPages;

    /// <summary>Pages of VMAs that grow (VmStk).</summary>
    public ulong StackVmPages => counters.StackPages;

    /// <summary>Pages of locked VMAs (VmLck).</summary>
    public ulong LockedVmPages => counters.LockedPages;

    /// <summary>Pages charged against the commit limit.</summary>
    public ulong AccountedVmPages => counters.AccountedPages;

    /// <summary>How often a VMA was split, cut, or joined with another: each moves lines of many objects.</summary>
    public long Reshapes { get; private set; }

    /// <summary>
    /// Splits a VMA in two that go on side by side. The limit on VMAs is the caller's to check. O(log n).
    /// </summary>
    /// <remarks>Linux: mm/vma.c: __split_vma, v6.18.</remarks>
    /// <param name="vma">It keeps the lower part.</param>
    /// <param name="at">First address of the upper part, whole pages, inside the VMA and not its start.</param>
    /// <returns>The upper part.</returns>
    public Vma Split(Vma vma, ulong at)
    {
        KernelBug.Assert(vma.Start < at && at < vma.End, "I21: a VMA is split inside");
        Reshapes++;
        Vma upper = Duplicate(vma, at, Mutant == Mutant.M28C ? vma.End - (1UL << Tree.PageShift) : vma.End);
        SetBounds(vma, vma.Start, at);
        Link(upper);
        upper.LeftUnmerged = true;
        return upper;
    }

    /// <summary>
    /// Moves a VMA's start down or its end up into free space: growth of a stack, or of a mapping in place. O(log n).
    /// </summary>
    /// <remarks>
    /// Linux: mm/vma.c: expand_downwards, v6.18. It does not merge with a neighbour that it then touches, as there.
    /// Preconditions: the space is free; growing down, the object has that many pages below <see cref="Vma.PgOff"/>
    /// (private anonymous memory always has).
    /// </remarks>
    /// <returns>The same VMA.</returns>
    public Vma Expand(Vma vma, ulong newStart, ulong newEnd)
    {
        KernelBug.Assert(newStart <= vma.Start && newEnd >= vma.End, "I21: a VMA expands outwards");
        ulong below = (vma.Start - newStart) >> Tree.PageShift;
        KernelBug.Assert(vma.PgOff >= below, "I21: no page of an object has a negative index");
        counters.Add(vma.Flags, (Mutant == Mutant.M85 ? 0 : below) + ((newEnd - vma.End) >> Tree.PageShift));
        SetBounds(vma, newStart, newEnd);
        MarkUnmerged(vma);
        MarkUnmerged(vma.NextVma);
        return vma;
    }

    /// <summary>Adds the copy of a parent's VMA, at fork. O(log n).</summary>
    /// <remarks>
    /// Linux: mm/mmap.c: dup_mmap, v6.18, which leaves out VMAs with <see cref="VmFlags.DontCopy"/>. None stays locked.
    /// </remarks>
    /// <param name="vma">The parent's, above all that were copied before.</param>
    /// <param name="anonVma">The child's anon_vma for it; null where it is to have none.</param>
    public Vma AddCopy(Vma vma, AnonVma? anonVma)
    {
        Vma child = Duplicate(vma, vma.Start, vma.End);
        VmFlags unlocked = Mutant == Mutant.M117 ? VmFlags.None : VmFlags.LockedMask;
        child.Flags &= ~(unlocked | Userfault.UserfaultRanges.Mask);
        child.HugeReserve = null;
        child.AnonVma = anonVma;
        Link(child);
        counters.Add(child.Flags, child.SpanPages);
        MarkUnmerged(child);
        PeakVmPages = TotalVmPages;
        return child;
    }

    /// <summary>Drops every VMA, as the end of a process does. What had to be zapped is the caller's.</summary>
    public void Clear()
    {
        for (Vma? vma = Tree.First; vma is not null; vma = vma.NextVma)
        {
            vma.Leave();
            vma.Mapping?.Unmapped(vma.File);
        }
        Tree.Clear();
        counters = default;
    }

    /// <summary>Checks the tree (I21), and the counters against a recount. O(n).</summary>
    /// <exception cref="KernelBug">Something does not hold; the message says what.</exception>
    public void Validate()
    {
        Tree.Validate();
        VmCounters recount = default;
        for (Vma? vma = Tree.First; vma is not null; vma = vma.NextVma)
            recount.Add(vma.Flags, vma.SpanPages);
        if (recount != counters)
            throw new KernelBug($"I21: the VMAs hold {recount}, the counters say {counters}");
    }
}
