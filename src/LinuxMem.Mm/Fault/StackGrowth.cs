using LinuxMem.Mm.Accounting;
using LinuxMem.Mm.Rmap;
using LinuxMem.Mm.Syscalls;
using LinuxMem.Mm.Vmas;
using LinuxMem.Simulation.Faults;
using LinuxMem.Simulation.Mutants;

namespace LinuxMem.Mm.Fault;

/// <summary>Lets a stack grow down to an address below it.</summary>
/// <remarks>Linux: mm/vma.c: expand_downwards, acct_stack_growth, v6.18.</remarks>
public sealed class StackGrowth
{
    private readonly KernelMemory memory;
    private readonly SpaceLimits limits;
    private readonly AnonVmas anonVmas;
    private readonly IMmObserver observer;

    /// <summary>Over one machine's memory.</summary>
    public StackGrowth(KernelMemory memory, SpaceLimits limits, AnonVmas anonVmas, IMmObserver observer)
    {
        this.memory = memory;
        this.limits = limits;
        this.anonVmas = anonVmas;
        this.observer = observer;
    }

    /// <summary>
    /// Extends a growsdown VMA down to the page of an address below it. False, and nothing changed, where a limit
    /// is passed, a mapping below would come nearer than the guard gap, or memory is out.
    /// </summary>
    public bool Expand(Mm mm, Vma vma, ulong address, ref WorkCost cost)
    {
        ulong start = address & ~memory.Geometry.PageOffsetMask;
        if (start < UnmappedArea.LowestOf(memory.Settings.Vm) && memory.Mutant != Mutant.M26)
            return false;
        ulong guard = (ulong)memory.Settings.Vm.StackGuardGapPages << memory.Geometry.PageShift;
        Vma? below = mm.Vmas.Tree.Prev(vma);
        if (below is not null)
        {
            bool accessible = (below.Flags & (VmFlags.Read | VmFlags.Write | VmFlags.Exec)) != 0;
            bool guarded = (below.Flags & VmFlags.GrowsDown) == 0 && accessible;
            if (start < below.End || (guarded && start - below.End < guard && memory.Mutant != Mutant.M27))
                return false;
        }

        // Also a stack that cannot grow has its anon_vma from now on.
        if (anonVmas.Prepare(vma) is null)
            return false;
        ulong growth = (vma.Start - start) >> memory.Geometry.PageShift;
        if (growth > vma.PgOff || !limits.MayGrowStack(mm, vma.Flags, vma.End - start, growth))
            return false;
        if (memory.FaultSwitch.Fails(FaultSite.VmaPrealloc))
            return false;
        ulong oldStart = vma.Start;
        mm.Vmas.Expand(vma, start, vma.End);
        mm.StackGrownTo = Math.Min(mm.StackGrownTo, start);
        observer.Mapped(mm, start, oldStart, null, false, vma.PgOff);
        cost.Vmas++;
        return true;
    }
}
