using System.Diagnostics.CodeAnalysis;
using LinuxMem.Simulation;

namespace LinuxMem.Mm.Vmas;

/// <summary>
/// The VMAs of one address space in order of address: an AVL tree that also knows the largest gap in every subtree.
/// </summary>
/// <remarks>
/// Linux: mm_struct mm_mt (a maple tree since 6.1), v6.18; the augmentation is that of Linux 3.8 to 6.0
/// (rb_subtree_gap). The gap of a VMA is the hole just below it. VMAs are also threaded in a list, so that neighbours
/// cost nothing. Every operation is a loop over one path, O(log n); nothing allocates.
/// </remarks>
public sealed partial class VmaTree
{
    private Vma? root;

    /// <summary>A tree without VMAs.</summary>
    /// <param name="pageShift">log2 of the page size in bytes.</param>
    /// <param name="lowest">First address that a VMA may have (vm.mmap_min_addr), whole pages.</param>
    /// <param name="taskSize">First address beyond user space, whole pages.</param>
    public VmaTree(int pageShift, ulong lowest, ulong taskSize)
    {
        PageShift = pageShift;
        Lowest = lowest;
        TaskSize = taskSize;
    }

    /// <summary>log2 of the page size in bytes.</summary>
    public int PageShift { get; }

    /// <summary>First address that a VMA may have.</summary>
    public ulong Lowest { get; }

    /// <summary>First address beyond user space.</summary>
    public ulong TaskSize { get; }

    /// <summary>Number of VMAs (map_count).</summary>
    public int Count { get; private set; }

    /// <summary>The VMA with the lowest address, or null.</summary>
    public Vma? First { get; private set; }

    /// <summary>The VMA with the highest address, or null.</summary>
    public Vma? Last { get; private set; }

    /// <summary>
    /// The first VMA that ends above the address, which may lie in it or below it; null if there is none. O(log n).
    /// </summary>
    /// <remarks>Linux: mm/mmap.c: find_vma, v6.18.</remarks>
    public Vma? Find(ulong va)
    {
        Vma? best = null;
        Vma? node = root;
        while (node is not null)
        {
            if (node.End <= va)
            {
                node = node.Right;
                continue;
            }
            best = node;
            if (node.Start <= va)
                break;
            node = node.Left;
        }
        return best;
    }

    /// <summary>The VMA that holds the address, or null. O(log n).</summary>
    public Vma? FindContaining(ulong va)
    {
        Vma? vma = Find(va);
        return vma is not null && vma.Start <= va ? vma : null;
    }

    /// <summary>The first VMA with an address in [start, end), or null. O(log n).</summary>
    public Vma? FindIntersection(ulong start, ulong end)
    {
        Vma? vma = Find(start);
        return vma is not null && vma.Start < end ? vma : null;
    }

    /// <summary>The VMA above one of this tree, or null. O(1).</summary>
    public Vma? Next(Vma vma) => vma.NextVma;

    /// <summary>The VMA below one of this tree, or null. O(1).</summary>
    public Vma? Prev(Vma vma) => vma.PrevVma;

    /// <summary>
    /// Adds a VMA. Preconditions: it is in no tree, of whole pages, within the address space and overlaps none. O(log
    /// n).
    /// </summary>
    /// <exception cref="KernelBug">A precondition does not hold (I21).</exception>
    public void Insert(Vma vma)
    {
        KernelBug.Assert(vma.Height == 0, "I21: a VMA is in one tree, once");
        Vma? parent = null, prev = null, next = null;
        for (Vma? node = root; node is not null;)
        {
            parent = node;
            if (vma.Start < node.Start)
            {
                next = node;
                node = node.Left;
            }
            else
            {
                prev = node;
                node = node.Right;
            }
        }
        CheckPlace(vma, vma.Start, vma.End, prev, next);
        Thread(prev, vma);
        Thread(vma, next);
        vma.Parent = parent;
        if (parent is null)
            root = vma;
        else if (ReferenceEquals(parent, next))
            parent.Left = vma;
        else
            parent.Right = vma;
        Count++;
        // A new leaf's successor, whose gap it has shortened, is one of its ancestors: the way up refreshes it too.
        Rebalance(vma);
    }

    /// <summary>Takes a VMA of this tree out. O(log n).</summary>
    /// <exception cref="KernelBug">It is in no tree (I21).</exception>
    public void Remove(Vma vma)
    {
        KernelBug.Assert(vma.Height != 0, "I21: a VMA that leaves the tree is in it");
        Vma? next = vma.NextVma;
        Thread(vma.PrevVma, next);
        Rebalance(Unlink(vma, next));
        vma.Left = vma.Right = vma.Parent = vma.PrevVma = vma.NextVma = null;
        vma.Height = 0;
        vma.MaxGap = 0;
        Count--;
    }

    /// <summary>Moves the bounds of a VMA of this tree within the hole between its neighbours. O(log n).</summary>
    /// <exception cref="KernelBug">
    /// The new range is not whole pages, leaves the address space or overlaps (I21).
    /// </exception>
    public void Resize(Vma vma, ulong start, ulong end)
    {
        KernelBug.Assert(vma.Height != 0, "I21: a VMA that is resized is in the tree");
        CheckPlace(vma, start, end, vma.PrevVma, vma.NextVma);
        vma.Start = start;
        vma.End = end;
        PropagateGap(vma);
        PropagateGap(vma.NextVma);
    }

    /// <summary>Forgets every VMA. The VMAs must not be used again.</summary>
    public void Clear()
    {
        root = First = Last = null;
        Count = 0;
    }

    // Makes two VMAs neighbours in the list; null stands for its ends.
    private void Thread(Vma? lower, Vma? upper)
    {
        if (lower is null)
            First = upper;
        else
            lower.NextVma = upper;
        if (upper is null)
            Last = lower;
        else
            upper.PrevVma = lower;
    }

    private void CheckPlace(Vma vma, ulong start, ulong end, Vma? prev, Vma? next)
    {
        ulong inPage = (1UL << PageShift) - 1;
        if (start >= end || ((start | end) & inPage) != 0 || start < Lowest || end > TaskSize)
            BadRange(vma, start, end, "is not a range of whole pages within the address space");
        if ((prev is not null && prev.End > start) || (next is not null && next.Start < end))
            BadRange(vma, start, end, "overlaps another VMA");
    }

    // Out of line, so that the message costs nothing where all is well.
    [DoesNotReturn]
    private static void BadRange(Vma vma, ulong start, ulong end, string what) =>
        throw new KernelBug(FormattableString.Invariant($"I21: {start:x}-{end:x} {what} (VMA {vma})"));
}
