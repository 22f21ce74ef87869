using System.Runtime.CompilerServices;

namespace LinuxMem.Arch.Tlbs.Replacement;

/// <summary>
/// Tree pseudo-LRU. A set's ways are the leaves of a binary tree kept in one word: bit n belongs to node n (the root is
/// 1, the children of n are 2n and 2n + 1) and says which child was used longer ago, 0 the left and 1 the right.
/// </summary>
internal readonly unsafe struct TreePlruReplacement : ITlbReplacement<TreePlruReplacement>
{
    private readonly ulong* trees;
    private readonly TreePath* paths;

    private TreePlruReplacement(TlbArena arena)
    {
        trees = arena.Trees;
        paths = arena.Paths;
    }

    /// <inheritdoc/>
    public static bool FindsEmpty => false;

    /// <inheritdoc/>
    public static TreePlruReplacement Over(TlbArena arena) => new(arena);

    /// <summary>The path of a way in a set of <paramref name="ways"/> (a power of two) ways.</summary>
    public static TreePath PathOf(int set, int way, int ways)
    {
        ulong nodes = 0;
        ulong away = 0;
        for (int node = ways + way; node > 1; node >>= 1)
        {
            nodes |= 1UL << (node >> 1);
            // Coming up from a left child, the right one is older now.
            if ((node & 1) == 0)
                away |= 1UL << (node >> 1);
        }

        return new TreePath { Keep = ~nodes, Away = away, Set = set };
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Touch(nuint slot, long tick)
    {
        TreePath* path = paths + slot;
        trees[path->Set] = (trees[path->Set] & path->Keep) | path->Away;
    }

    /// <inheritdoc/>
    public void Filled(nuint slot, long tick) => Touch(slot, tick);

    /// <inheritdoc/>
    public void Cleared(nuint slot)
    {
    }

    /// <inheritdoc/>
    public int Victim(int firstSlot, int set, int ways)
    {
        ulong tree = trees[set];
        int node = 1;
        while (node < ways)
            node = (node * 2) + (int)((tree >> node) & 1);
        return node - ways;
    }
}
