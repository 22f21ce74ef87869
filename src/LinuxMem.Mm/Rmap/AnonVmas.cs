using LinuxMem.Mm.Vmas;

namespace LinuxMem.Mm.Rmap;

/// <summary>Makes anon_vmas, which number themselves in order of creation.</summary>
public sealed class AnonVmas
{
    private int lastId;

    /// <summary>Sees to it that a VMA has an anon_vma before an anonymous page is mapped in it.</summary>
    /// <remarks>Linux: mm/rmap.c: __anon_vma_prepare, v6.18: a neighbour's is taken if the two could merge.</remarks>
    public AnonVma Prepare(Vma vma) =>
        vma.AnonVma ??= VmaMergeRules.FindMergeableAnonVma(vma) ?? new AnonVma(++lastId, null);

    /// <summary>The anon_vma of a child's copy of a VMA at fork.</summary>
    public AnonVma Fork(AnonVma parent) => new(++lastId, parent);
}
