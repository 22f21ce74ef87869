using LinuxMem.Mm.Vmas;
using LinuxMem.Simulation.Faults;

namespace LinuxMem.Mm.Rmap;

/// <summary>Makes anon_vmas, which number themselves in order of creation, and finds those in use by number.</summary>
public sealed class AnonVmas
{
    private readonly Dictionary<int, AnonVma> inUse = [];
    private readonly FaultSwitch? faults;
    private int lastId;

    /// <summary>None so far; null for faults if nothing is to fail.</summary>
    public AnonVmas(FaultSwitch? faults = null) => this.faults = faults;

    /// <summary>
    /// Sees to it that a VMA has an anon_vma before an anonymous page is mapped in it; null if memory for it is out.
    /// </summary>
    /// <remarks>Linux: mm/rmap.c: __anon_vma_prepare, v6.18: a neighbour's is taken if the two could merge.</remarks>
    public AnonVma? Prepare(Vma vma)
    {
        if (vma.AnonVma is not null)
            return vma.AnonVma;
        if (faults is not null && faults.Fails(FaultSite.AnonVmaPrepare))
            return null;
        return vma.AnonVma = VmaMergeRules.FindMergeableAnonVma(vma) ?? New(null);
    }

    /// <summary>The anon_vma of a child's copy of a VMA at fork.</summary>
    public AnonVma Fork(AnonVma parent) => New(parent);

    /// <summary>A new one, under a parent or (null) by itself.</summary>
    public AnonVma New(AnonVma? parent) => new(this, ++lastId, parent);

    /// <summary>One in use by number; null if no VMA can map pages of it any more.</summary>
    public AnonVma? Find(int id) => inUse.GetValueOrDefault(id);

    /// <summary>It has a VMA.</summary>
    internal void Register(AnonVma anonVma) => inUse[anonVma.Id] = anonVma;

    /// <summary>It has neither VMAs nor descendants.</summary>
    internal void Forget(AnonVma anonVma) => inUse.Remove(anonVma.Id);
}
