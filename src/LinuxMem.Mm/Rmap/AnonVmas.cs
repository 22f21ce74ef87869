using LinuxMem.Mm.Vmas;

namespace LinuxMem.Mm.Rmap;

/// <summary>Makes anon_vmas, which number themselves in order of creation.</summary>
public sealed class AnonVmas
{
    private int lastId;

    /// <summary>Sees to it that a VMA has an anon_vma before an anonymous page is mapped in it.</summary>
    /// <remarks>Linux: mm/rmap.c: __anon_vma_prepare, v6.18: a neighbour's is taken if the two could merge.</remarks>
    public AnonVma Prepare(Mm mm, Vma vma) =>
        vma.AnonVma ??= FromNeighbour(mm, vma) ?? new AnonVma(++lastId, null);

    /// <summary>The anon_vma of a child's copy of a VMA at fork.</summary>
    public AnonVma Fork(AnonVma parent) => new(++lastId, parent);

    private static AnonVma? FromNeighbour(Mm mm, Vma vma)
    {
        Vma? next = mm.Vmas.Tree.Next(vma);
        if (next?.AnonVma is { Parent: null } above && Compatible(vma, next))
            return above;
        Vma? prev = mm.Vmas.Tree.Prev(vma);
        return prev?.AnonVma is { Parent: null } below && Compatible(prev, vma) ? below : null;
    }

    // anon_vma_compatible: they would be one VMA but for the rights to access.
    private static bool Compatible(Vma low, Vma high)
    {
        const VmFlags access = VmFlags.Read | VmFlags.Write | VmFlags.Exec;
        return low.End == high.Start
            && low.Mapping == high.Mapping
            && ((low.Flags ^ high.Flags) & ~access) == 0
            && low.PageIndexOf(low.End) == high.PgOff;
    }
}
