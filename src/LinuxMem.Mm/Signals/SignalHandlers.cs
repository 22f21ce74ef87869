using LinuxMem.Abi;

namespace LinuxMem.Mm.Signals;

/// <summary>
/// What a process does about each signal; threads share it, fork copies it, execve clears the handlers.
/// </summary>
/// <remarks>Linux: include/linux/sched/signal.h: struct sighand_struct; kernel/signal.c, v6.18.</remarks>
public sealed class SignalHandlers
{
    private readonly SignalAction[] actions = new SignalAction[65];

    /// <summary>The action for a signal.</summary>
    public SignalAction this[Signal signal]
    {
        get => actions[(int)signal];
        set => actions[(int)signal] = value;
    }

    /// <summary>Whether a signal that nobody blocks would be thrown away.</summary>
    public bool Ignores(Signal signal)
    {
        ulong handler = actions[(int)signal].Handler;
        return handler == SignalAction.Ignore
            || (handler == SignalAction.Default && SignalSet.IgnoredByDefault.Has(signal));
    }

    /// <summary>Whether dead children need no wait4.</summary>
    public bool ReapsChildren => this[Signal.SigChld].Handler == SignalAction.Ignore
        || (this[Signal.SigChld].Flags & SignalAction.NoChildWait) != 0;

    /// <summary>A child's own.</summary>
    public SignalHandlers Copy()
    {
        var copy = new SignalHandlers();
        actions.CopyTo(copy.actions, 0);
        return copy;
    }

    /// <summary>execve: handlers are gone with the old image, what is ignored stays so.</summary>
    /// <remarks>Linux: kernel/signal.c: flush_signal_handlers, v6.18.</remarks>
    public void FlushForExec()
    {
        for (int i = 1; i < actions.Length; i++)
        {
            ulong handler = actions[i].Handler == SignalAction.Ignore ? SignalAction.Ignore : SignalAction.Default;
            actions[i] = new SignalAction(handler, 0, default);
        }
    }
}
