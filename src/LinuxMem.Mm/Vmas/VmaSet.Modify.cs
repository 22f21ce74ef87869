using LinuxMem.Abi;
using LinuxMem.Mm.Tasks;
using LinuxMem.Simulation;
using LinuxMem.Simulation.Mutants;

namespace LinuxMem.Mm.Vmas;

// What happens to pages that are mapped: unmapping, and new flags.
public sealed partial class VmaSet
{
    /// <summary>
    /// Unmaps a range, which may cover any number of VMAs and holes, and cuts VMAs at its edges. O(log n) a VMA.
    /// </summary>
    /// <remarks>Linux: mm/vma.c: do_vmi_align_munmap, vms_gather_munmap_vmas, v6.18.</remarks>
    /// <param name="start">First address.</param>
    /// <param name="end">First address beyond; both are whole pages.</param>
    /// <param name="removed">
    /// The pieces that left are appended, in order of address. The caller zaps their pages.
    /// </param>
    /// <returns>
    /// None, or ENOMEM if that would cut a VMA in two and the set is full, or if memory is out. Nothing is unmapped
    /// then, though VMAs may be cut at the edges.
    /// </returns>
    public Errno Unmap(ulong start, ulong end, List<UnmappedRange> removed)
    {
        KernelBug.Assert(start < end, "I21: a range to unmap is not empty");
        Vma? vma = Tree.FindIntersection(start, end);
        if (vma is null)
            return Errno.None;
        if (vma.Start < start && vma.End > end && Tree.Count >= MaxMapCount)
            return Errno.ENOMEM;
        Errno error = PrepareUnmap(vma, start, end);
        if (error != Errno.None)
            return error;
        PeakVmPages = Math.Max(PeakVmPages, TotalVmPages);
        while (vma is not null && vma.Start < end)
        {
            Vma? next = vma.NextVma;
            ulong from = Math.Max(vma.Start, start);
            ulong to = Math.Min(vma.End, end);
            bool huge = (vma.Flags & VmFlags.HugeTlb) != 0;
            removed.Add(new UnmappedRange(from, to, vma.Flags, vma.PageIndexOf(from), vma.Mapping, vma.AnonVma,
                huge ? vma.Mapping!.Host!.Huge!.Pool : null, huge ? vma.HugeReserve : null));
            VmFlags kept = Mutant == Mutant.M55 ? VmFlags.Account : VmFlags.None;
            counters.Remove(vma.Flags & ~kept, (to - from) >> Tree.PageShift);
            Cut(vma, from, to);
            vma = next;
        }
        return Errno.None;
    }

    /// <summary>
    /// Gives a part of one VMA new flags: merges it with neighbours that it now equals, or splits it off. O(log n).
    /// </summary>
    /// <remarks>
    /// Linux: mm/vma.c: vma_modify_flags, vma_merge_existing_range, v6.18. With the flags that the VMA has, nothing
    /// changes, as with mprotect and mlock.
    /// </remarks>
    /// <param name="vma">A VMA of this set; it may be gone afterwards.</param>
    /// <param name="start">First address, whole pages, in the VMA.</param>
    /// <param name="end">First address beyond, whole pages, not above the VMA's end.</param>
    /// <param name="newFlags">All flags, changed or not.</param>
    /// <param name="result">The VMA that now covers the range, and perhaps more; unchanged flags on error.</param>
    /// <param name="mayStayApart">
    /// Whether a whole VMA gets its flags, and is left apart from its neighbours, where memory for a merge is out
    /// (vma_merge_struct.give_up_on_oom).
    /// </param>
    /// <returns>
    /// None, or ENOMEM if a split is needed and the set is full, or if memory is out. Of two splits the first may have
    /// happened then, as in Linux.
    /// </returns>
    public Errno ModifyFlags(
        Vma vma, ulong start, ulong end, VmFlags newFlags, out Vma result, bool mayStayApart = false)
    {
        KernelBug.Assert(
            vma.Start <= start && start < end && end <= vma.End, "I21: new flags are for a part of one VMA");
        VmFlags oldFlags = vma.Flags;
        result = vma;
        if (newFlags == oldFlags)
            return Errno.None;
        Errno error = MergeModified(vma, start, end, newFlags, vma.Policy, out Vma? merged);
        bool staysApart = error != Errno.None && mayStayApart && vma.Start == start && vma.End == end;
        if (error != Errno.None && !staysApart)
            return error;
        if (merged is null && !staysApart)
        {
            error = Isolate(ref result, start, end);
            if (error != Errno.None)
                return error;
        }

        result = merged ?? result;
        result.Flags = newFlags | (result.Flags & VmFlags.Sticky);
        if (staysApart)
        {
            MarkUnmerged(result);
            MarkUnmerged(result.NextVma);
        }

        ulong pages = (end - start) >> Tree.PageShift;
        counters.Remove(oldFlags, pages);
        counters.Add(newFlags, pages);
        return Errno.None;
    }

    /// <summary>
    /// Gives a part of one VMA another memory policy: merges it with neighbours that it now equals, or splits it off.
    /// </summary>
    /// <remarks>Linux: mm/vma.c: vma_modify_policy, v6.18.</remarks>
    /// <returns>As <see cref="ModifyFlags"/>.</returns>
    public Errno ModifyPolicy(Vma vma, ulong start, ulong end, MemoryPolicy policy)
    {
        if (vma.Policy == policy)
            return Errno.None;
        Errno error = MergeModified(vma, start, end, vma.Flags, policy, out Vma? merged);
        if (error != Errno.None || merged is not null)
            return error;
        error = Isolate(ref vma, start, end);
        if (error == Errno.None)
            vma.Policy = policy;
        return error;
    }

    // Hands the range over to neighbours that it will equal; to null if there are none.
    private Errno MergeModified(
        Vma vma, ulong start, ulong end, VmFlags newFlags, MemoryPolicy policy, out Vma? into)
    {
        Vma? prev = start == vma.Start ? vma.PrevVma : null;
        Vma? next = end == vma.End ? vma.NextVma : null;
        bool left = prev is not null && prev.End == start
            && (prev.PageIndexOf(start) == vma.PgOff || Mutant == Mutant.M28B)
            && VmaMergeRules.SameKind(
                prev, Mutant == Mutant.M28A ? prev.Flags : newFlags, vma.Mapping, vma.Name, vma.File, policy)
            && (VmaMergeRules.CanShare(vma.AnonVma, prev.AnonVma) || Mutant == Mutant.M23);
        bool right = next is not null && next.Start == end && vma.PageIndexOf(end) == next.PgOff
            && VmaMergeRules.SameKind(next, newFlags, vma.Mapping, vma.Name, vma.File, policy)
            && VmaMergeRules.CanShare(vma.AnonVma, next.AnonVma)
            && (!left || VmaMergeRules.CanBridge(prev!.AnonVma, next.AnonVma));
        bool whole = start == vma.Start && end == vma.End;
        into = left ? prev : right ? next : null;
        if (into is not null && FailsToMerge(into, vma))
        {
            into = null;
            return Errno.ENOMEM;
        }

        // |--prev--|**vma**|--next--|  ->  |----------prev----------|
        if (left && right)
        {
            Absorb(prev!, prev!.Start, next!.End, next, vma);
            return Errno.None;
        }

        // |--prev--|**|--vma--|  ->  |----prev----|--vma--|      (or the whole of vma)
        if (left)
        {
            prev!.AnonVma ??= vma.AnonVma;
            if (!whole)
                Trim(vma, end, vma.End);
            Absorb(prev, prev.Start, end, whole ? vma : null, null);
            return Errno.None;
        }

        // |--vma--|**|--next--|  ->  |--vma--|----next----|      (or the whole of vma)
        if (right)
        {
            next!.AnonVma ??= vma.AnonVma;
            if (!whole)
                Trim(vma, vma.Start, start);
            Absorb(next, start, next.End, whole ? vma : null, null);
        }
        return Errno.None;
    }

    // Splits until the VMA is exactly the range. The limit is looked at before each split, so the first may stand when
    // the second fails.
    private Errno Isolate(ref Vma vma, ulong start, ulong end)
    {
        if (vma.Start < start)
        {
            if (Tree.Count >= MaxMapCount)
                return Errno.ENOMEM;
            if (!vma.MaySplitAt(start))
                return Errno.EINVAL;
            if (FailsToSplit(vma))
                return Errno.ENOMEM;
            vma = Split(vma, start);
        }
        if (vma.End > end)
        {
            if (Tree.Count >= MaxMapCount)
                return Errno.ENOMEM;
            if (!vma.MaySplitAt(end))
                return Errno.EINVAL;
            if (FailsToSplit(vma))
                return Errno.ENOMEM;
            Split(vma, end);
        }
        // Its neighbours were found unlike it, and the rest of the VMA keeps its old flags: nothing here could merge
        // any more.
        vma.LeftUnmerged = false;
        if (vma.NextVma is { } above)
            above.LeftUnmerged = false;
        return Errno.None;
    }

    // Takes [from, to) out of a VMA: all of it, its head, its tail, or its middle.
    private void Cut(Vma vma, ulong from, ulong to)
    {
        if (from == vma.Start && to == vma.End)
        {
            Unlink(vma);
        }
        else if (from == vma.Start)
        {
            Trim(vma, to, vma.End);
        }
        else if (to == vma.End)
        {
            Trim(vma, vma.Start, from);
        }
        else
        {
            Vma upper = Duplicate(vma, to, vma.End);
            Trim(vma, vma.Start, from);
            Link(upper);
        }
    }

    private void Trim(Vma vma, ulong start, ulong end)
    {
        Reshapes++;
        SetBounds(vma, start, end);
    }
}
