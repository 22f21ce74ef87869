using LinuxMem.Abi;
using LinuxMem.Mm.Hugetlb;
using LinuxMem.Mm.PageTables;
using LinuxMem.Mm.Tlb;
using LinuxMem.Mm.Vmas;
using LinuxMem.Simulation.Mutants;

namespace LinuxMem.Mm.Syscalls;

/// <summary>Removes what is mapped in a range: for munmap, MAP_FIXED and brk.</summary>
/// <remarks>Linux: mm/vma.c: do_vmi_align_munmap, v6.18.</remarks>
public sealed class UnmapRegion
{
    private readonly KernelMemory memory;
    private readonly PageMapper mapper;
    private readonly List<UnmappedRange> removed = [];

    /// <summary>Over one machine's memory.</summary>
    public UnmapRegion(KernelMemory memory, PageMapper mapper)
    {
        this.memory = memory;
        this.mapper = mapper;
    }

    /// <summary>
    /// Whether [start, end) may be unmapped: ENOMEM where a split would exceed max_map_count; EPERM where a mapping is
    /// sealed; EINVAL where a part of a special mapping would go.
    /// </summary>
    public static Errno Check(Mm mm, ulong start, ulong end)
    {
        Vma? vma = mm.Vmas.Tree.FindIntersection(start, end);
        if (vma is null)
            return Errno.None;
        if (vma.Start < start && vma.End > end && mm.Vmas.Tree.Count >= mm.Vmas.MaxMapCount)
            return Errno.ENOMEM;
        if (CutsSpecial(mm, vma, start, end))
            return Errno.EINVAL;
        return IsSealed(mm, start, end) ? Errno.EPERM : Errno.None;
    }

    // The kernel's own mappings go as a whole or not at all. Linux: mm/mmap.c: special_mapping_split, v6.18.
    private static bool CutsSpecial(Mm mm, Vma first, ulong start, ulong end)
    {
        if (first.Start < start && !first.MaySplitAt(start))
            return true;
        return mm.Vmas.Tree.FindContaining(end - 1) is { } last && last.End > end && !last.MaySplitAt(end);
    }

    /// <summary>
    /// Cuts mappings at the edges of a range that then is not unmapped after all: because one is sealed or
    /// the kernel's own, or a mapping in its place is refused. Linux puts the pieces back as they are.
    /// </summary>
    /// <remarks>Linux: mm/vma.c: vms_gather_munmap_vmas, vms_abort_munmap_vmas, v6.18.</remarks>
    public static void LeaveSplit(Mm mm, ulong start, ulong end)
    {
        Vma? vma = mm.Vmas.Tree.FindIntersection(start, end);
        if (vma is not null && vma.Start < start)
        {
            if ((vma.Flags & VmFlags.Sealed) != 0 || !vma.MaySplitAt(start))
                return;
            vma = mm.Vmas.Split(vma, start);
        }

        for (; vma is not null && vma.Start < end && (vma.Flags & VmFlags.Sealed) == 0; vma = vma.Next)
        {
            if (vma.End > end && vma.MaySplitAt(end))
                mm.Vmas.Split(vma, end);
        }
    }

    /// <summary>Whether a sealed mapping lies in [start, end).</summary>
    public static bool IsSealed(Mm mm, ulong start, ulong end)
    {
        if (!mm.HasSealed)
            return false;
        Vma? vma = mm.Vmas.Tree.FindIntersection(start, end);
        while (vma is not null && vma.Start < end)
        {
            if ((vma.Flags & VmFlags.Sealed) != 0)
                return true;
            vma = vma.Next;
        }

        return false;
    }

    /// <summary>
    /// Unmaps [start, end), page-aligned. Fails as <see cref="Check"/> says; no page is gone then.
    /// <paramref name="wasMoved"/>: what lay there has another place now, and keeps the huge pages promised to it.
    /// </summary>
    public Errno Unmap(Mm mm, ulong start, ulong end, TrapPoint at, ref WorkCost cost, bool wasMoved = false)
    {
        removed.Clear();
        Errno error = Check(mm, start, end);
        if (error is Errno.EPERM or Errno.EINVAL)
            LeaveSplit(mm, start, end);
        if (error == Errno.None)
            error = mm.Vmas.Unmap(start, end, removed);
        if (error != Errno.None || removed.Count == 0)
            return error;
        mm.UpdateHiwaterRss();
        MmuGather gather = memory.Coherence.Begin(mm);
        foreach (UnmappedRange range in removed)
        {
            ulong page = memory.Geometry.PageBytes;
            bool misses = memory.Mutant == Mutant.M70 && range.End - range.Start > page;
            mapper.Zap(mm, range.Start, misses ? range.End - page : range.End, range.Flags, gather, at,
                ref cost, dropGuards: true);
            if (range.HugePool is not { } pool || wasMoved)
                continue;
            ulong index = (range.PgOff << memory.Geometry.PageShift) >> pool.Shift;
            HugeMemory.Release(mm, pool, range.HugeReserve, range.Start, range.End, index);
        }

        Vma? next = mm.Vmas.Tree.Find(end);
        Vma? below = next is null ? mm.Vmas.Tree.Last : mm.Vmas.Tree.Prev(next);
        ulong floor = below?.End ?? 0;
        ulong ceiling = next?.Start ?? ulong.MaxValue;
        memory.Tables.FreeTables(mm, removed[0].Start, removed[^1].End, floor, ceiling, gather.Tables);
        cost.Vmas += removed.Count;
        cost.FixedNs += memory.Coherence.Finish(mm, gather, at.Cpu, at.NowNs);
        return Errno.None;
    }
}
