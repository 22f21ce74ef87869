using LinuxMem.Abi;

namespace LinuxMem.Mm.Signals;

/// <summary>A set of signals, 1 to 64.</summary>
/// <remarks>Linux: include/linux/signal.h: sigset_t and its masks, v6.18.</remarks>
/// <param name="Bits">Bit n - 1 is signal n.</param>
public readonly record struct SignalSet(ulong Bits)
{
    /// <summary>SIGCONT (nobody is stopped here), SIGCHLD, SIGWINCH, SIGURG: ignored by default.</summary>
    public static SignalSet IgnoredByDefault { get; } =
        Of(Signal.SigCont, Signal.SigChld, Signal.SigWinch, Signal.SigUrg);

    /// <summary>SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU: stop by default.</summary>
    public static SignalSet StopByDefault { get; } =
        Of(Signal.SigStop, Signal.SigTstp, Signal.SigTtin, Signal.SigTtou);

    /// <summary>SIGKILL and SIGSTOP: neither handled, nor ignored, nor blocked.</summary>
    public static SignalSet KernelOnly { get; } = Of(Signal.SigKill, Signal.SigStop);

    /// <summary>Whether there is none.</summary>
    public bool IsEmpty => Bits == 0;

    /// <summary>Whether a signal is in it.</summary>
    public bool Has(Signal signal) => (Bits & Bit(signal)) != 0;

    /// <summary>With a signal.</summary>
    public SignalSet With(Signal signal) => new(Bits | Bit(signal));

    /// <summary>Without a signal.</summary>
    public SignalSet Without(Signal signal) => new(Bits & ~Bit(signal));

    /// <summary>Without the signals of another.</summary>
    public SignalSet Without(SignalSet other) => new(Bits & ~other.Bits);

    private static SignalSet Of(params ReadOnlySpan<Signal> signals)
    {
        var set = default(SignalSet);
        foreach (Signal signal in signals)
            set = set.With(signal);
        return set;
    }

    private static ulong Bit(Signal signal) => 1UL << ((int)signal - 1);
}
