using LinuxMem.Mm.Rmap;
using LinuxMem.Simulation;
using LinuxMem.Simulation.Mutants;

namespace LinuxMem.Mm.Vmas;

// What mremap does to VMAs: growth in place, and a copy at another place.
public sealed partial class VmaSet
{
    /// <summary>Moves a VMA's end up into a hole, and joins the VMA that it then touches if they are alike. O(log n).
    /// </summary>
    /// <remarks>Linux: mm/vma.c: vma_merge_extend, v6.18.</remarks>
    /// <param name="vma">A VMA of this set.</param>
    /// <param name="newEnd">The new end, whole pages; nothing is mapped up to it.</param>
    /// <returns>The same VMA; null, and nothing has changed, if memory is out.</returns>
    public Vma? ExtendUp(Vma vma, ulong newEnd)
    {
        KernelBug.Assert(vma.NextVma is null || vma.NextVma.Start >= newEnd, "I21: a VMA grows into a hole");
        if (FailsToMerge(vma, vma))
            return null;
        counters.Add(vma.Flags, (newEnd - vma.End) >> Tree.PageShift);
        if (Mutant == Mutant.M83)
            counters.Add(vma.Flags & VmFlags.Account, (newEnd - vma.End) >> Tree.PageShift);
        SetBounds(vma, vma.Start, newEnd);
        if (vma.NextVma is { } next && VmaMergeRules.CanMerge(vma, next))
            Absorb(vma, vma.Start, next.End, next, null);
        return vma;
    }

    /// <summary>Maps a copy of a part of a VMA in a hole, merged with neighbours where it can be. O(log n).</summary>
    /// <remarks>
    /// Linux: mm/vma.c: copy_vma, vma_merge_copied_range, v6.18. The copy keeps the anon_vma and the index of its first
    /// page, so that its pages are found at the new place; anonymous memory without an anon_vma takes the index of its
    /// new address, to merge the easier.
    /// </remarks>
    /// <param name="vma">A VMA of this set. It may be part of the result.</param>
    /// <param name="from">First address of the part, whole pages.</param>
    /// <param name="start">First address of the copy.</param>
    /// <param name="end">First address beyond the copy, whole pages; nothing is mapped between.</param>
    /// <returns>The VMA that now covers the range, and perhaps more; null, and nothing has changed, if memory is out.
    /// </returns>
    public Vma? CopyTo(Vma vma, ulong from, ulong start, ulong end)
    {
        AnonVma? anonVma = vma.AnonVma;
        // Who supplies pages stays with the old place. Linux: mm/userfaultfd.c: mremap_userfaultfd_prep.
        VmFlags flags = vma.Flags & ~Userfault.UserfaultRanges.Mask;
        bool faulted = vma.Mapping is not null || anonVma is not null;
        if (Mutant == Mutant.M82 && vma.Mapping is not null)
            from += 1UL << Tree.PageShift;
        ulong pgOff = faulted ? vma.PageIndexOf(from) : start >> Tree.PageShift;
        Vma? next = Tree.Find(start);
        Vma? prev = next is null ? Tree.Last : next.PrevVma;
        KernelBug.Assert(start < end && (next is null || next.Start >= end), "I21: a moved mapping fills a hole");

        bool left = prev is not null && prev.End == start && prev.PageIndexOf(start) == pgOff
            && VmaMergeRules.SameKind(prev, flags, vma.Mapping, vma.Name, vma.File, vma.Policy)
            && VmaMergeRules.CanShare(anonVma, prev.AnonVma);
        bool right = next is not null && next.Start == end && pgOff + ((end - start) >> Tree.PageShift) == next.PgOff
            && VmaMergeRules.SameKind(next, flags, vma.Mapping, vma.Name, vma.File, vma.Policy)
            && VmaMergeRules.CanShare(anonVma, next.AnonVma)
            && (!left || VmaMergeRules.CanBridge(prev!.AnonVma, next.AnonVma));
        // A merge that fails is not the end: the copy stays beside the VMA that it could be part of.
        if ((left || right) && FailsToMerge(left ? prev! : next!, vma))
            left = right = false;
        if (!left && !right && FailsToSplit(vma))
            return null;
        counters.Add(flags, (end - start) >> Tree.PageShift);
        Vma copy;
        if (left)
        {
            copy = prev!;
            Absorb(copy, copy.Start, right ? next!.End : end, right ? next : null, null);
        }
        else if (right)
        {
            copy = next!;
            SetBounds(copy, start, copy.End);
        }
        else
        {
            copy = new Vma(Tree.PageShift, start, end, flags, pgOff, vma.Mapping, vma.Name, vma.File)
            {
                HugeReserve = vma.HugeReserve,
                Policy = vma.Policy,
                SwapTrail = vma.SwapTrail,
            };
            Link(copy);
            MarkUnmerged(copy);
            MarkUnmerged(copy.NextVma);
        }

        copy.AnonVma ??= anonVma;
        copy.Flags |= vma.Flags & VmFlags.Sticky;
        return copy;
    }

    /// <summary>Makes of a VMA whose pages have all moved away one without anon_vma that is not locked. O(1).</summary>
    /// <remarks>
    /// Linux: mm/mremap.c: dontunmap_complete, v6.18. It clears both in place: neighbours that the VMA could be one
    /// with from now on, it stays apart from.
    /// </remarks>
    public void LeaveEmpty(Vma vma)
    {
        vma.AnonVma = null;
        counters.Remove(vma.Flags, vma.SpanPages);
        vma.Flags &= ~VmFlags.LockedMask;
        counters.Add(vma.Flags, vma.SpanPages);
        MarkUnmerged(vma);
        MarkUnmerged(vma.NextVma);
    }
}
