using LinuxMem.Abi;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Signals;

namespace LinuxMem.Mm.Syscalls.User;

/// <summary>rt_sigaction, rt_sigprocmask and sigaltstack with a place for what was set before.</summary>
/// <remarks>
/// Linux: kernel/signal.c: do_sigaction, sigprocmask, do_sigaltstack and their system calls,
/// v6.18. The new state is set first: a bad place for the old one is EFAULT, and undoes nothing.
/// </remarks>
public sealed class OldSignalState
{
    private const ulong AltStackDisabled = 2; // SS_DISABLE
    private readonly UserStructs structs;

    /// <summary>With what writes structures.</summary>
    public OldSignalState(UserStructs structs) => this.structs = structs;

    /// <summary>Whether a call is one of these, and asks for what was set before.</summary>
    public static bool IsAskedFor(in SyscallRequest request) => request.Nr switch
    {
        SyscallNr.RtSigaction or SyscallNr.RtSigprocmask => request.A2 != 0,
        SyscallNr.Sigaltstack => request.A1 != 0,
        _ => false,
    };

    /// <summary>Carries a call out, and writes what was set before.</summary>
    public IEnumerator<PageLookup> Invoke(CallProgress call)
    {
        SyscallRequest request = call.Request;
        byte[] old = Old(call);
        var context = new SyscallContext(call.Task, request, call.At);
        call.Result = request.Nr switch
        {
            SyscallNr.RtSigaction => SignalCalls.SigAction(context),
            SyscallNr.RtSigprocmask => SignalCalls.SigProcMask(context),
            _ => SignalCalls.SigAltStack(context),
        };
        if (call.Result.IsError)
            yield break;
        ulong place = request.Nr == SyscallNr.Sigaltstack ? request.A1 : request.A2;
        for (var write = structs.Finish(call, place, old); write.MoveNext();)
            yield return write.Current;
    }

    private static byte[] Old(CallProgress call)
    {
        TaskSignals signals = call.Task.Signals;
        switch (call.Request.Nr)
        {
            case SyscallNr.RtSigaction:
                bool isSignal = call.Request.A0 is >= 1 and <= 64;
                SignalAction action = isSignal ? call.Task.Group.Handlers[(Signal)call.Request.A0] : default;
                return UserStructs.Bytes(action.Handler, action.Flags, action.Restorer, action.Mask.Bits);
            case SyscallNr.RtSigprocmask:
                return UserStructs.Bytes(signals.Blocked.Bits);
            default:
                bool isOn = signals.AltStackBytes != 0;
                return UserStructs.Bytes(signals.AltStackBase, isOn ? 0 : AltStackDisabled, signals.AltStackBytes);
        }
    }
}
