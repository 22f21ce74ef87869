using LinuxMem.Mm.Tasks;
using LinuxMem.Simulation.Locks;

namespace LinuxMem.Mm;

/// <content>The door: traps come in here and leave with what they waited for.</content>
public sealed partial class Kernel
{
    /// <summary>Serves a trap, or goes on with it when <paramref name="pages"/> brings what it asked for.</summary>
    /// <param name="trap">The trap.</param>
    /// <param name="pages">Empty the first time; then the page cache's answer.</param>
    public TrapOutcome Serve(Trap trap, ReadOnlySpan<uint> pages)
    {
        if (pages.IsEmpty)
        {
            // Who slept in the trap is in the kernel already.
            bool isInside = trap.GoesOn || trap.Task.LockWait is { IsActive: true };
            cost = new WorkCost { FixedNs = isInside ? 0 : costs.EntryNs };
            Memory.Locks.Enter(trap.At, trap.Task.Tid, CallOf(trap), Memory.Coherence.TakeInterruptsNs(trap.At.Cpu));
        }

        if (trap.Task.GroupExiting)
            Memory.Locks.GiveUp(trap.Task);
        TrapOutcome outcome = Memory.Groups is null ? ServeTrap(trap, pages) : ServeInGroup(trap, pages);
        if (outcome.Action == TrapAction.Resume)
        {
            Memory.Held.Release(trap.Task);
            trap.Task.MemoryWaits = 0;
        }

        if (outcome.Action == TrapAction.NeedsPages)
            return outcome;
        Memory.Locks.Settle(trap.Task);
        return outcome with { CostNs = Memory.Locks.Leave(outcome.CostNs) };
    }

    /// <summary>Wakes those who sleep for the mmap_lock of an address space, as far as they can have it.</summary>
    public void WakeLockWaiters(int mmId, long nowNs)
    {
        if (Lifecycle.Find(mmId) is not { } mm)
            return;
        foreach (RwWaiter waiter in Memory.Locks.Wake(mm, nowNs))
        {
            TaskStruct task = Tasks.Find(waiter.Tid)!;
            // Who was killed meanwhile runs already, and gives up.
            if (task.State != TaskState.WaitingForLock)
                continue;
            task.ReadyNs = Math.Max(task.ReadyNs, nowNs + Memory.Settings.Locks.WakeNs);
            task.State = TaskState.Runnable;
            Woken.Add(task);
        }
    }

    // A task sleeps for a lock; what is counted of the cost, and will be once it goes on, is not counted now.
    private TrapOutcome SleepForLock(Trap trap, int laterNs)
    {
        trap.Task.State = TaskState.WaitingForLock;
        trap.Task.Unfinished = UnfinishedTrap.Of(trap);
        return new TrapOutcome(TrapAction.Block, cost.ToNs(costs) - laterNs);
    }

    private static short CallOf(Trap trap) => trap.Kind switch
    {
        TrapKind.PageFault => LockCall.Fault,
        TrapKind.Syscall => (short)trap.Request.Nr,
        _ => LockCall.Switch,
    };

    /// <summary>Whether a task still sleeps until a moment: it has neither ended nor been woken since.</summary>
    public bool SleepsUntil(int tid, long atNs) =>
        Tasks.Find(tid) is { State: TaskState.Sleeping or TaskState.WaitingForIo or TaskState.WaitingForFile } task
            && task.WakeAtNs == atNs;

    /// <summary>Wakes a sleeping task. Precondition: <see cref="SleepsUntil"/>.</summary>
    public void WakeSleeper(int tid)
    {
        TaskStruct task = Tasks.Find(tid)!;
        exit.Wake(task, task.Result);
    }
}
