namespace LinuxMem.Mm.Vmas;

// Where a new mapping goes. Gaps are tried in order of address, but a subtree without a gap of the wanted size is
// never entered. The stored gaps do not know of stack guards nor of the caller's window: both are applied to a gap
// when it is looked at, so a search enters in vain at most the two gaps at the window's edges and those below growing
// VMAs and their guards.
public sealed partial class VmaTree
{
    /// <summary>The highest place for a mapping, as mmap wants it on most machines. O(log n).</summary>
    /// <remarks>
    /// Linux: mm/vma.c: unmapped_area_topdown, v6.18. As there, a gap counts only if it holds <paramref
    /// name="length"/> plus
    /// <paramref name="alignMask"/> bytes, the worst that alignment can cost, even where less would do.
    /// </remarks>
    /// <param name="low">First address allowed.</param>
    /// <param name="high">First address beyond what is allowed.</param>
    /// <param name="length">Bytes wanted, whole pages, not zero.</param>
    /// <param name="alignMask">
    /// Address bits that must equal those of <paramref name="alignOffset"/>; 0 for any page.
    /// </param>
    /// <param name="alignOffset">What the masked bits must be.</param>
    /// <param name="guardBytes">Bytes to leave free below a VMA that grows down (stack_guard_gap).</param>
    /// <returns>The first address of the place, or null if there is none.</returns>
    public ulong? FindGapTopDown(
        ulong low, ulong high, ulong length, ulong alignMask, ulong alignOffset, ulong guardBytes)
    {
        ulong want = length + alignMask;
        low = Math.Max(low, Lowest);
        high = Math.Min(high, TaskSize);
        if (want < length || low >= high)
            return null;
        if (FitHigh(Math.Max(Last?.End ?? Lowest, low), high, want, length, alignMask, alignOffset) is { } top)
            return top;
        Vma? node = root;
        bool descend = true;
        while (node is not null)
        {
            if (descend)
            {
                if (node.MaxGap < want)
                    return null; // only the root: children are entered for their gap
                while (node.End < high && node.Right is { } right && right.MaxGap >= want)
                    node = right;
            }
            if (node.Start <= low)
                return null; // this gap and all that follow lie below the window
            ulong from = Math.Max(node.PrevVma?.End ?? Lowest, low);
            ulong to = Math.Min(node.Start, high);
            ulong guard = GuardedStart(node, guardBytes);
            // A gap that would do but for the guard above it: from there Linux looks on below the guard, whatever other
            // gaps lie beside it.
            if (guard < to && to > from && to - from >= want)
                high = to = guard;
            if (FitHigh(from, to, want, length, alignMask, alignOffset) is { } place)
                return place;
            descend = node.Left is { } left && left.MaxGap >= want;
            node = descend ? node.Left : FirstAncestor(node, fromRight: true);
        }
        return null;
    }

    /// <summary>
    /// The lowest place for a mapping: MAP_32BIT, the legacy layout, or when the other way found nothing. O(log n).
    /// </summary>
    /// <remarks>
    /// Linux: mm/vma.c: unmapped_area, v6.18. Below a VMA that grows down Linux wants room for the alignment above the
    /// aligned address as well; so does this.
    /// </remarks>
    /// <param name="low">First address allowed.</param>
    /// <param name="high">First address beyond what is allowed.</param>
    /// <param name="length">Bytes wanted, whole pages, not zero.</param>
    /// <param name="alignMask">
    /// Address bits that must equal those of <paramref name="alignOffset"/>; 0 for any page.
    /// </param>
    /// <param name="alignOffset">What the masked bits must be.</param>
    /// <param name="guardBytes">Bytes to leave free below a VMA that grows down (stack_guard_gap).</param>
    /// <returns>The first address of the place, or null if there is none.</returns>
    public ulong? FindGapBottomUp(
        ulong low, ulong high, ulong length, ulong alignMask, ulong alignOffset, ulong guardBytes)
    {
        ulong want = length + alignMask;
        low = Math.Max(low, Lowest);
        high = Math.Min(high, TaskSize);
        if (want < length || low >= high)
            return null;
        Vma? node = root is { } top && top.MaxGap >= want ? root : null;
        bool descend = true;
        while (node is not null)
        {
            if (descend)
            {
                while (node.Start > low && node.Left is { } left && left.MaxGap >= want)
                    node = left;
            }
            ulong from = Math.Max(node.PrevVma?.End ?? Lowest, low);
            if (from >= high)
                return null; // this gap and all that follow lie above the window
            if (FitLow(from, Math.Min(node.Start, high), want, alignMask, alignOffset) is { } place
                && !((node.Flags & VmFlags.GrowsDown) != 0 && GuardedStart(node, guardBytes) < place + want))
                return place;
            descend = node.Right is { } right && right.MaxGap >= want;
            node = descend ? node.Right : FirstAncestor(node, fromRight: false);
        }
        return FitLow(Math.Max(Last?.End ?? Lowest, low), high, want, alignMask, alignOffset);
    }

    // The lowest address that a mapping below the VMA must stay clear of (vm_start_gap).
    private static ulong GuardedStart(Vma vma, ulong guardBytes)
    {
        if ((vma.Flags & VmFlags.GrowsDown) == 0)
            return vma.Start;
        return vma.Start > guardBytes ? vma.Start - guardBytes : 0;
    }

    // The next node in order once all below this one is done: the first ancestor that has it on its right (left) side.
    private static Vma? FirstAncestor(Vma node, bool fromRight)
    {
        while (node.Parent is { } parent)
        {
            if (ReferenceEquals(fromRight ? parent.Right : parent.Left, node))
                return parent;
            node = parent;
        }
        return null;
    }

    private static ulong? FitHigh(ulong from, ulong to, ulong want, ulong length, ulong alignMask, ulong alignOffset)
    {
        if (to <= from || to - from < want)
            return null;
        ulong place = to - length;
        return place - ((place - alignOffset) & alignMask);
    }

    private static ulong? FitLow(ulong from, ulong to, ulong want, ulong alignMask, ulong alignOffset)
    {
        if (to <= from || to - from < want)
            return null;
        return from + ((alignOffset - from) & alignMask);
    }
}
