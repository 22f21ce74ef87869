using LinuxMem.Abi;
using LinuxMem.Simulation.Faults;

namespace LinuxMem.Mm.Vmas;

// Where memory for VMAs, their tree and their anon_vmas can fail.
public sealed partial class VmaSet
{
    private bool Fails(FaultSite site) => faults is not null && faults.Fails(site);

    // Linux: mm/vma.c: __split_vma, v6.18, whose allocations come in this order.
    private bool FailsToSplit(Vma vma) => faults?.Injector is not null
        && (Fails(FaultSite.VmAreaDup) || Fails(FaultSite.VmaPrealloc)
            || (vma.AnonVma is not null && Fails(FaultSite.AnonVmaClone)));

    // A VMA takes over what another has: its anon_vma too, if it has none. Linux: mm/vma.c: dup_anon_vma, commit_merge.
    private bool FailsToMerge(Vma into, Vma from) => faults?.Injector is not null
        && ((into.AnonVma is null && from.AnonVma is not null && Fails(FaultSite.AnonVmaClone))
            || Fails(FaultSite.VmaPrealloc));

    // Cuts at both edges before anything is unmapped: what was cut stays cut, as in Linux, when the rest fails. Linux:
    // mm/vma.c: vms_gather_munmap_vmas, v6.18.
    private Errno PrepareUnmap(Vma first, ulong start, ulong end)
    {
        if (faults?.Injector is null)
            return Errno.None;
        if (first.Start < start && FailsToSplit(first))
            return Errno.ENOMEM;
        Vma? last = Tree.FindContaining(end - 1);
        bool cutsLast = last is not null && last.End > end;
        bool failsLast = cutsLast && FailsToSplit(last!);
        if (!failsLast && !Fails(FaultSite.VmaPrealloc))
            return Errno.None;
        if (first.Start < start)
            Split(first, start);
        if (cutsLast && !failsLast)
            Split(Tree.FindContaining(end - 1)!, end);
        return Errno.ENOMEM;
    }
}
