using System.Runtime.CompilerServices;
using LinuxMem.Abi;
using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.Fault;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Syscalls;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Userfault;

namespace LinuxMem.Mm;

/// <content>Page faults: those of programs and those of a tracer.</content>
public sealed partial class Kernel
{
    /// <summary>What came of the last fault of a program.</summary>
    public FaultOutcome LastFault { get; private set; }

    private TrapOutcome ServeFault(Trap trap, ReadOnlySpan<uint> pages)
    {
        if (trap.NonCanonical)
            return Kill(trap, FaultOutcome.MapErr, SignalCode.SiKernel, 0);
        if (pages.IsEmpty)
            cost.FixedNs += costs.FaultNs;
        Memory.ReadRoom.MayWait = !trap.Task.HasWaitedForRoom;
        Memory.Locks.Sleeper = trap.Task;
        faults.InHand = trap.InHand;
        FaultOutcome outcome = faults.Handle(trap.Task.Mm, trap.Address, trap.Access, trap.At, pages, ref cost);
        faults.InHand = Pfn.None;
        Memory.Locks.Sleeper = null;
        Memory.ReadRoom.MayWait = false;
        LastFault = outcome;
        if (outcome.Kind == FaultKind.NeedsPages)
            return Needs(faults.Lookup);
        if (Memory.ReadRoom.Take() is var lacking and > 0)
            return SleepsInside(trap, StallForRoom(trap, lacking));
        trap.Task.HasWaitedForRoom = false;
        if (outcome.Kind == FaultKind.WaitsForPage)
            return WaitForPage(trap, outcome);
        if (outcome.Kind is FaultKind.Userfault or FaultKind.UserfaultMinor
            && UserfaultRanges.Find(trap.Task.Mm, trap.Address) is { } supplier)
            return WaitForUser(trap, outcome, supplier);
        if (outcome.Kind == FaultKind.WaitsForLock)
            return SleepForLock(trap, costs.FaultNs);
        if (trap.Task.HasReadForFault)
        {
            LastFault = outcome = outcome with { IsMajor = true };
            trap.Task.HasReadForFault = false;
        }

        counts.Count(trap.Task, outcome);
        if (outcome.Kind == FaultKind.OutOfMemory)
        {
            if (Memory.InjectedFailures != failuresBefore)
                return Spin(trap);
            Memory.Held.Hold(outcome.WaitFor, trap.Task);
            return SleepsInside(trap, OutOfMemory(trap));
        }

        if (outcome.Signal != Signal.None)
            return Kill(trap, outcome, outcome.Code, trap.Address);
        if (Memory.Faults is not null)
            trap.Task.Faults!.Spins = 0;
        if (outcome.Kind is FaultKind.FileSharedWrite or FaultKind.SharedWriteNotify && Io.Devices > 0
            && IsWrittenBack(trap) && DirtyThrottle.CountsUp(trap.Task))
            return Throttle(trap);
        return new TrapOutcome(TrapAction.Resume, cost.ToNs(costs));
    }

    // Shared memory is nobody's to write back: it has no share in the dirty pages (BDI_CAP_WRITEBACK).
    private static bool IsWrittenBack(Trap trap) =>
        trap.Task.Mm.Vmas.Tree.FindContaining(trap.Address)?.Mapping is { IsShmem: false };

    // Who makes pages dirty by stores waits as who writes does. Linux: mm/memory.c: fault_dirty_shared_page, v6.18.
    private TrapOutcome Throttle(Trap trap)
    {
        long pause = throttle.Pause(trap.Task, trap.At.NowNs, out _, out bool wakes);
        if (wakes)
            Flusher.Wake(trap.At.NowNs);
        if (pause == 0)
            return new TrapOutcome(TrapAction.Resume, cost.ToNs(costs));
        trap.Task.State = TaskState.WaitingForIo;
        trap.Task.WaitsFor = Pfn.None;
        return new TrapOutcome(TrapAction.Block, cost.ToNs(costs), trap.At.NowNs + pause);
    }

    // The allocation that a fault makes does not come back before there is memory.
    private static TrapOutcome SleepsInside(Trap trap, TrapOutcome outcome)
    {
        trap.Task.Unfinished = UnfinishedTrap.Of(trap);
        return outcome;
    }

    // The fault that is tried again is a major one (FAULT_FLAG_TRIED).
    [MethodImpl(MethodImplOptions.NoInlining)]
    private TrapOutcome WaitForUser(Trap trap, FaultOutcome outcome, UserfaultContext supplier)
    {
        trap.Task.HasReadForFault = true;
        trap.Task.State = TaskState.WaitingForFile;
        trap.Task.Unfinished = UnfinishedTrap.Of(trap, yieldsToSignals: true);
        supplier.Wait(trap.Task, trap.Address, UserfaultWait.FlagsOf(outcome, trap.Access));
        return new TrapOutcome(TrapAction.Block, cost.ToNs(costs));
    }

    // The fault goes on when the page's I/O is over; who started it counts it as a major one then. Linux:
    // arch/x86/mm/fault.c: do_user_addr_fault, VM_FAULT_RETRY, v6.18.
    private TrapOutcome WaitForPage(Trap trap, FaultOutcome outcome)
    {
        trap.Task.HasReadForFault |= outcome.IsMajor;
        trap.Task.Unfinished = UnfinishedTrap.Of(trap, outcome.WaitFor, yieldsToSignals: true);
        Io.Wait(outcome.WaitFor, trap.Task);
        return new TrapOutcome(TrapAction.Block, cost.ToNs(costs));
    }

    // The access of a tracer: what it comes to is returned, and no signal is sent.
    private TrapOutcome ServeTouch(Trap trap, ReadOnlySpan<uint> pages)
    {
        TaskStruct task = trap.Task;
        task.Suspended = null;
        ulong address = trap.Request.A0;
        int unused = 64 - Memory.Geometry.VirtualBits;
        bool canonical = (ulong)((long)(address << unused) >> unused) == address;
        SignalCode beyond = canonical ? SignalCode.SegvMapErr : SignalCode.SiKernel;
        task.Result = new SyscallResult((long)Signal.SigSegv | ((long)beyond << 16));
        if (address >= Memory.Geometry.TaskSize)
            return new TrapOutcome(TrapAction.Resume, cost.ToNs(costs));
        AccessKind kind = VmaFacts.KindOf(task.Mm, address, trap.Request.A1);
        FaultOutcome outcome = faults.Handle(task.Mm, address, kind, trap.At, pages, ref cost);
        if (outcome.Kind == FaultKind.NeedsPages)
            return Needs(faults.Lookup);
        if (outcome.Kind == FaultKind.OutOfMemory)
            return OutOfMemory(trap);
        if (outcome.Kind == FaultKind.WaitsForPage)
        {
            task.Suspended = new CallProgress(new SyscallContext(task, trap.Request, trap.At));
            Io.Wait(outcome.WaitFor, task);
            return new TrapOutcome(TrapAction.Block, cost.ToNs(costs));
        }

        if (outcome.Kind is FaultKind.Userfault or FaultKind.UserfaultMinor)
        {
            task.Result = default;
            return new TrapOutcome(TrapAction.Resume, cost.ToNs(costs));
        }

        counts.Count(task, outcome);
        task.Result = new SyscallResult((long)outcome.Signal | ((long)outcome.Code << 16));
        if (outcome.Signal == Signal.None)
            task.Result = default;
        return new TrapOutcome(TrapAction.Resume, cost.ToNs(costs));
    }
}
