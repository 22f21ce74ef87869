namespace LinuxMem.Mm.Signals;

/// <summary>What a process does about a signal.</summary>
/// <remarks>Linux: include/linux/signal_types.h: struct sigaction, v6.18.</remarks>
/// <param name="Handler">The handler's address; <see cref="Default"/> or <see cref="Ignore"/>.</param>
/// <param name="Flags">SA_ flags.</param>
/// <param name="Mask">Blocked while the handler runs.</param>
/// <param name="Restorer">What the handler returns to; the kernel only keeps it.</param>
public readonly record struct SignalAction(ulong Handler, ulong Flags, SignalSet Mask, ulong Restorer = 0)
{
    /// <summary>SIG_DFL.</summary>
    public const ulong Default = 0;

    /// <summary>SIG_IGN.</summary>
    public const ulong Ignore = 1;

    /// <summary>SA_NOCLDWAIT: dead children are reaped at once.</summary>
    public const ulong NoChildWait = 2;

    /// <summary>SA_ONSTACK: the handler runs on the alternate stack.</summary>
    public const ulong OnStack = 0x0800_0000;

    /// <summary>SA_NODEFER: the signal is not blocked while its handler runs.</summary>
    public const ulong NoDefer = 0x4000_0000;

    /// <summary>SA_RESETHAND: back to the default when it is delivered.</summary>
    public const ulong ResetHand = 0x8000_0000;

    /// <summary>Whether a handler is set.</summary>
    public bool HasHandler => Handler > Ignore;
}
