using LinuxMem.Arch.Tlbs;
using LinuxMem.Simulation.Settings;
using LinuxMem.Workloads.Scenarios.Shapes;

namespace LinuxMem.Workloads.Scenarios.Keys;

/// <summary>The keys of machine.costs: what things cost in virtual time, whole nanoseconds.</summary>
internal static class CostKeys
{
    private const ulong MostNs = 1_000_000_000;

    /// <summary>Costs of the MMU and of the kernel together.</summary>
    public static Shape<(MmuCosts Mmu, KernelCosts Kernel)> Shape()
    {
        var mmu = new MmuCosts();
        var kernel = new KernelCosts();
        var hit = Ns("hitNs", mmu.HitNs, "An access whose translation the first-level TLB has.", 1);
        var l2Hit = Ns("l2HitNs", mmu.L2HitNs, "What a second-level TLB hit costs on top.");
        var walkLevel = Ns("walkLevelNs", mmu.WalkLevelNs, "What each level read by a page walk costs on top.");
        var entry = Ns("entryNs", kernel.EntryNs,
            "Any entry into the kernel and back; no CPU traps twice within it.", 1);
        var fault = Ns("faultNs", kernel.FaultNs, "Finding the VMA and installing an entry.");
        var alloc = Ns("allocNs", kernel.AllocNs, "Taking a frame from a per-CPU list.");
        var zoneLock = Ns("zoneLockNs", kernel.ZoneLockNs, "Refilling or draining a per-CPU list under the zone lock.");
        var zeroPage = Ns("zeroPageNs", kernel.ZeroPageNs, "Zeroing a page.");
        var copyPage = Ns("copyPageNs", kernel.CopyPageNs, "Copying a page.");
        var pageTable = Ns("pageTableNs", kernel.PageTableNs, "A page-table page.");
        var signal = Ns("signalNs", kernel.SignalNs, "Delivering a signal.");
        var syscall = Ns("syscallNs", kernel.SyscallNs, "A system call that does nothing else.");
        var vma = Ns("vmaNs", kernel.VmaNs, "Making, splitting or merging a VMA.");
        var unmapPage = Ns("unmapPageNs", kernel.UnmapPageNs, "Unmapping a page.");
        var forkPage = Ns("forkPageNs", kernel.ForkPageNs, "Copying an entry at fork.");
        var fork = Ns("forkNs", kernel.ForkNs, "A new task.");
        var exit = Ns("exitNs", kernel.ExitNs, "The end of a task.");
        var contextSwitch = Ns("contextSwitchNs", kernel.ContextSwitchNs, "From one task to another.");
        var ipi = Ns("ipiNs", kernel.IpiNs,
            "From sending an interprocessor interrupt until the other CPU acts on it.", 1);
        var ipiTarget = Ns("ipiTargetNs", kernel.IpiTargetNs,
            "What each CPU that must be interrupted costs the sender.");
        var ipiHandler = Ns("ipiHandlerNs", kernel.IpiHandlerNs,
            "What an interrupt to flush its TLB takes from the CPU that gets it.");
        var kernelStep = Ns("kernelStepNs", kernel.KernelStepNs,
            "The grid of virtual time on which the kernel reclaims memory.", 1_000);
        var reclaimPage = Ns("reclaimPageNs", kernel.ReclaimPageNs, "Looking at a page for reclaim.");
        Key[] keys =
        [
            hit, l2Hit, walkLevel, entry, fault, alloc, zoneLock, zeroPage, copyPage, pageTable, signal, syscall, vma,
            unmapPage, forkPage, fork, exit, contextSwitch, ipi, ipiTarget, ipiHandler, kernelStep, reclaimPage,
        ];
        return new ObjectShape<(MmuCosts, KernelCosts)>("the costs", keys, v =>
        {
            CheckInterrupts(v, ipi, entry);
            int Cost(Key<ulong> key) => (int)v.Get(key);
            return (new MmuCosts(Cost(hit), Cost(l2Hit), Cost(walkLevel)), new KernelCosts
            {
                EntryNs = Cost(entry),
                FaultNs = Cost(fault),
                AllocNs = Cost(alloc),
                ZoneLockNs = Cost(zoneLock),
                ZeroPageNs = Cost(zeroPage),
                CopyPageNs = Cost(copyPage),
                PageTableNs = Cost(pageTable),
                SignalNs = Cost(signal),
                SyscallNs = Cost(syscall),
                VmaNs = Cost(vma),
                UnmapPageNs = Cost(unmapPage),
                ForkPageNs = Cost(forkPage),
                ForkNs = Cost(fork),
                ExitNs = Cost(exit),
                ContextSwitchNs = Cost(contextSwitch),
                IpiNs = Cost(ipi),
                IpiTargetNs = Cost(ipiTarget),
                IpiHandlerNs = Cost(ipiHandler),
                KernelStepNs = Cost(kernelStep),
                ReclaimPageNs = Cost(reclaimPage),
            });
        });
    }

    private static void CheckInterrupts(KeyValues v, Key<ulong> ipi, Key<ulong> entry)
    {
        if (v.Get(ipi) >= v.Get(entry))
            return;
        v.Fail(v.Has(ipi) ? ipi : entry, $"\"ipiNs\" is {v.Get(ipi)} and \"entryNs\" is {v.Get(entry)}; "
            + "expected \"ipiNs\" not below \"entryNs\"");
    }

    private static Key<ulong> Ns(string name, int usual, string description, ulong min = 0) =>
        Key.Optional(name, new CountShape(min, MostNs), (ulong)usual, description);
}
