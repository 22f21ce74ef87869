using System.Runtime.CompilerServices;

namespace LinuxMem.Mm.Vmas;

// How the tree keeps its shape (AVL: the two sides of every node differ in height by at most one) and its augmentation.
public sealed partial class VmaTree
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int HeightOf(Vma? node) => node is null ? 0 : node.Height;

    // The hole just below a VMA, in bytes.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong GapBelow(Vma node) => node.Start - (node.PrevVma?.End ?? Lowest);

    private ulong LargestGap(Vma node)
    {
        ulong gap = GapBelow(node);
        if (node.Left is { } left && left.MaxGap > gap)
            gap = left.MaxGap;
        if (node.Right is { } right && right.MaxGap > gap)
            gap = right.MaxGap;
        return gap;
    }

    private void Refresh(Vma node)
    {
        node.Height = (byte)(1 + Math.Max(HeightOf(node.Left), HeightOf(node.Right)));
        node.MaxGap = LargestGap(node);
    }

    // Carries a changed gap up, as far as it makes a difference.
    private void PropagateGap(Vma? node)
    {
        while (node is not null)
        {
            ulong gap = LargestGap(node);
            if (gap == node.MaxGap)
                return;
            node.MaxGap = gap;
            node = node.Parent;
        }
    }

    // Restores shape and augmentation from a node whose subtree changed up to the root. It does not stop where heights
    // settle, because a gap may have changed at any ancestor.
    private void Rebalance(Vma? node)
    {
        while (node is not null)
        {
            Vma? parent = node.Parent;
            Refresh(node);
            int lean = HeightOf(node.Left) - HeightOf(node.Right);
            if (lean > 1)
            {
                if (HeightOf(node.Left!.Left) < HeightOf(node.Left.Right))
                    RotateLeft(node.Left);
                RotateRight(node);
            }
            else if (lean < -1)
            {
                if (HeightOf(node.Right!.Right) < HeightOf(node.Right.Left))
                    RotateRight(node.Right);
                RotateLeft(node);
            }
            node = parent;
        }
    }

    //     node          pivot
    //     /  \          /   \
    //    a  pivot  ->  node  c
    //       /  \       /  \
    //      b    c     a    b
    private void RotateLeft(Vma node)
    {
        Vma pivot = node.Right!;
        Replace(node, pivot);
        node.Right = pivot.Left;
        if (node.Right is not null)
            node.Right.Parent = node;
        pivot.Left = node;
        node.Parent = pivot;
        Refresh(node);
        Refresh(pivot);
    }

    private void RotateRight(Vma node)
    {
        Vma pivot = node.Left!;
        Replace(node, pivot);
        node.Left = pivot.Right;
        if (node.Left is not null)
            node.Left.Parent = node;
        pivot.Right = node;
        node.Parent = pivot;
        Refresh(node);
        Refresh(pivot);
    }

    // Hangs another node (or none) where a node hangs.
    private void Replace(Vma node, Vma? by)
    {
        Vma? parent = node.Parent;
        if (by is not null)
            by.Parent = parent;
        if (parent is null)
            root = by;
        else if (ReferenceEquals(parent.Left, node))
            parent.Left = by;
        else
            parent.Right = by;
    }

    // Takes a node out of the tree and tells from where to rebalance. That way up passes the successor, whose gap has
    // grown.
    private Vma? Unlink(Vma vma, Vma? next)
    {
        if (vma.Left is null || vma.Right is null)
        {
            Vma? child = vma.Left ?? vma.Right;
            Replace(vma, child);
            if (child is not null)
                Refresh(child); // an only right child is the successor, and below the way up
            return vma.Parent;
        }
        Vma successor = next!; // the leftmost of the right side, so without a left child
        Vma from = successor;
        if (!ReferenceEquals(successor.Parent, vma))
        {
            from = successor.Parent!;
            Replace(successor, successor.Right);
            successor.Right = vma.Right;
            successor.Right.Parent = successor;
        }
        successor.Left = vma.Left;
        successor.Left.Parent = successor;
        Replace(vma, successor);
        return from;
    }
}
