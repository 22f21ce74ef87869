using LinuxMem.Simulation;

namespace LinuxMem.Mm.Vmas;

// The tree's own check, by a walk over everything: for tests and audits.
public sealed partial class VmaTree
{
    /// <summary>Checks order, ranges, links, balance and gaps of the whole tree. O(n).</summary>
    /// <exception cref="KernelBug">I21 does not hold; the message says where.</exception>
    public void Validate()
    {
        int count = 0;
        Vma? prev = null;
        for (Vma? vma = First; vma is not null; prev = vma, vma = vma.NextVma)
        {
            if (!ReferenceEquals(vma.PrevVma, prev))
                Broken(vma, "is not linked to the VMA below it");
            CheckPlace(vma, vma.Start, vma.End, prev, null);
            CheckNode(vma);
            count++;
        }
        KernelBug.Assert(ReferenceEquals(prev, Last), "I21: the list of VMAs ends at the last one");
        KernelBug.Assert(count == Count, "I21: map_count is the number of VMAs");
        KernelBug.Assert(root is null == (count == 0) && root?.Parent is null, "I21: the root has no parent");
    }

    // Each node hangs where its parent says, and everything that it stores about its subtree follows from its children.
    private void CheckNode(Vma vma)
    {
        if (vma.Parent is { } parent
                ? ReferenceEquals(parent.Left, vma) == ReferenceEquals(parent.Right, vma)
                : !ReferenceEquals(root, vma))
            Broken(vma, "does not hang in the tree");
        if ((vma.Left is { } left && !(left.End <= vma.Start && ReferenceEquals(left.Parent, vma)))
            || (vma.Right is { } right && !(right.Start >= vma.End && ReferenceEquals(right.Parent, vma))))
            Broken(vma, "has a child on the wrong side");
        int low = HeightOf(vma.Left), high = HeightOf(vma.Right);
        if (Math.Abs(low - high) > 1 || vma.Height != 1 + Math.Max(low, high))
            Broken(vma, "is out of balance");
        if (vma.MaxGap != LargestGap(vma))
            Broken(vma, "stores a wrong largest gap");
    }

    private static void Broken(Vma vma, string what) => throw new KernelBug($"I21: VMA {vma} {what}");
}
