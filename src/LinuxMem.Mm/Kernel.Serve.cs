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
            cost = new WorkCost { FixedNs = costs.EntryNs };
            Memory.Locks.Enter(trap.At, trap.Task.Tid, CallOf(trap), Memory.Coherence.TakeInterruptsNs(trap.At.Cpu));
        }

        TrapOutcome outcome = Memory.Groups is null ? ServeTrap(trap, pages) : ServeInGroup(trap, pages);
        if (outcome.Action == TrapAction.Resume)
            Memory.Held.Release(trap.Task);
        return outcome.Action == TrapAction.NeedsPages
            ? outcome : outcome with { CostNs = outcome.CostNs + Memory.Locks.Leave() };
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
