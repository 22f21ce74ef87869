using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Rmap;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Vfs;

namespace LinuxMem.Mm.Vmas;

/// <summary>When two neighbouring ranges may become one VMA.</summary>
/// <remarks>
/// Linux: mm/vma.c: is_mergeable_vma, is_mergeable_anon_vma, can_vma_merge_before, can_vma_merge_after, v6.18. Not
/// modelled: userfaultfd, VMAs with a close hook.
/// </remarks>
public static class VmaMergeRules
{
    /// <summary>Whether two VMAs, one just above the other, could be one (invariant I22 wants no such pair).</summary>
    public static bool CanMerge(Vma lower, Vma upper) =>
        lower.End == upper.Start
        && lower.PageIndexOf(lower.End) == upper.PgOff
        && SameKind(lower, upper.Flags, upper.Mapping, upper.Name, upper.File, upper.Policy)
        && CanShare(lower.AnonVma, upper.AnonVma);

    /// <summary>
    /// The anon_vma that a VMA's first anonymous fault should take from a neighbour, or null if it needs one of its
    /// own. Parts that mprotect has split may then merge again once their rights are equal. O(1).
    /// </summary>
    /// <remarks>Linux: mm/vma.c: find_mergeable_anon_vma, reusable_anon_vma, anon_vma_compatible, v6.18.</remarks>
    public static AnonVma? FindMergeableAnonVma(Vma vma)
    {
        if (vma.NextVma is { } next && CouldShare(vma, next) && next.AnonVma is { Parent: null } above)
            return above;
        if (vma.PrevVma is { } prev && CouldShare(prev, vma) && prev.AnonVma is { Parent: null } below)
            return below;
        return null;
    }

    // Alike but for what mprotect may change.
    private static bool CouldShare(Vma lower, Vma upper) =>
        lower.End == upper.Start
        && lower.PageIndexOf(lower.End) == upper.PgOff
        && ((lower.Flags ^ upper.Flags) & ~(VmFlags.AccessMask | VmFlags.Sticky)) == 0
        && ReferenceEquals(lower.Mapping, upper.Mapping)
        && ReferenceEquals(lower.File, upper.File)
        && lower.Policy == upper.Policy;

    /// <summary>
    /// Whether a range of these properties may become part of the VMA, as far as position and anon_vma allow.
    /// </summary>
    internal static bool SameKind(Vma vma, VmFlags flags, AddressSpace? mapping, string? name,
        OpenFile? file, MemoryPolicy policy = default) =>
        ((vma.Flags ^ flags) & ~VmFlags.Sticky) == 0
        && (flags & VmFlags.Special) == 0
        && ReferenceEquals(vma.Mapping, mapping)
        && ReferenceEquals(vma.File, file)
        && vma.Policy == policy
        && string.Equals(vma.Name, name, StringComparison.Ordinal);

    /// <summary>
    /// Whether two ranges may live on with one anon_vma: they share it, or one has none yet and the other's is not
    /// from a fork. One from a fork stays as narrow as it is, since each page more would contend for the lock that it
    /// shares with its ancestors.
    /// </summary>
    internal static bool CanShare(AnonVma? one, AnonVma? other)
    {
        if (ReferenceEquals(one, other))
            return true;
        return (one is null || other is null) && (one ?? other)!.Parent is null;
    }

    /// <summary>
    /// Whether neighbours on both sides of a range that each may merge with it may do so at once: their anon_vmas must
    /// not differ.
    /// </summary>
    internal static bool CanBridge(AnonVma? below, AnonVma? above) =>
        below is null || above is null || ReferenceEquals(below, above);
}
