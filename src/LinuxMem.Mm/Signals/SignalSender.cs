using LinuxMem.Abi;
using LinuxMem.Mm.Tasks;
using LinuxMem.Simulation.Tracing;

namespace LinuxMem.Mm.Signals;

/// <summary>Sends signals to processes and tasks, and delivers them when a task goes back to its program.</summary>
/// <remarks>
/// Linux: kernel/signal.c: send_signal_locked, complete_signal, force_sig_info_to_task, get_signal, v6.18. What stops a
/// process is not modelled. The handler's frame is not written to the user's stack: programs here have no stack
/// pointer.
/// </remarks>
public sealed class SignalSender
{
    private readonly TaskExit exit;

    /// <summary>Over one machine; <paramref name="exit"/> ends and wakes tasks.</summary>
    public SignalSender(TaskExit exit) => this.exit = exit;

    /// <summary>Hears of signals; null if nobody listens.</summary>
    public Tracer? Trace { get; set; }

    /// <summary>
    /// Sends a signal to a process. <paramref name="caller"/> is the task that is in the kernel, which notices the end
    /// of its own process itself; null if none is.
    /// </summary>
    public void Send(ThreadGroup group, in SignalInfo info, TaskStruct? caller)
    {
        if (group.IsDead)
            return;
        TaskStruct? target = null;
        foreach (TaskStruct task in group.Tasks)
        {
            if (task.Signals.Blocked.Has(info.Signal))
                continue;
            target = task;
            break;
        }

        SendTo(target ?? group.Tasks[0], info, caller);
    }

    /// <summary>Sends a signal to one task.</summary>
    public void SendTo(TaskStruct task, in SignalInfo info, TaskStruct? caller)
    {
        bool blocked = task.Signals.Blocked.Has(info.Signal);
        Trace?.Emit(Tracepoint.SignalGenerate, (long)info.Signal, (long)info.Code, task.Tid);
        if (!blocked && task.Group.Handlers.Ignores(info.Signal))
            return;
        if (IsFatal(task, info.Signal) && !blocked)
        {
            End(task.Group, info, caller);
            return;
        }

        task.Signals.Add(info);
        if (!blocked && task.IsInterruptible)
            exit.Wake(task, SyscallResult.Fail(Errno.EINTR));
    }

    /// <summary>
    /// A signal that the task's own access raised. True if a handler takes it; false if it ends the process, which a
    /// blocked or ignored one does too.
    /// </summary>
    public static bool Force(TaskStruct task, in SignalInfo info)
    {
        if (task.Signals.Blocked.Has(info.Signal) || !task.Group.Handlers[info.Signal].HasHandler)
            return false;
        Enter(task, info);
        task.DropsBatch = true;
        return true;
    }

    /// <summary>Lets the handlers of what is pending run. Called when the task goes back to its program.</summary>
    public static void Deliver(TaskStruct task)
    {
        while (task.Signals.TryTake(out SignalInfo info))
        {
            if (task.Group.Handlers[info.Signal].HasHandler)
                Enter(task, info);
        }
    }

    private static void Enter(TaskStruct task, in SignalInfo info)
    {
        SignalAction action = task.Group.Handlers[info.Signal];
        task.Signals.PushFrame();
        SignalSet mask = new(task.Signals.Blocked.Bits | action.Mask.Bits);
        if ((action.Flags & SignalAction.NoDefer) == 0)
            mask = mask.With(info.Signal);
        task.Signals.Blocked = mask.Without(SignalSet.KernelOnly);
        if ((action.Flags & SignalAction.ResetHand) != 0)
            task.Group.Handlers[info.Signal] = default;
        task.Signals.Delivered.Add(info);
    }

    private static bool IsFatal(TaskStruct task, Signal signal) =>
        signal == Signal.SigKill || task.Group.Handlers[signal].Handler == SignalAction.Default;

    private void End(ThreadGroup group, in SignalInfo info, TaskStruct? caller)
    {
        if (group.ExitSignal == Signal.None)
        {
            group.ExitSignal = info.Signal;
            group.ExitSignalCode = info.Code;
            group.ExitSignalAddress = info.Address;
        }

        exit.EndOthers(group, caller);
    }
}
