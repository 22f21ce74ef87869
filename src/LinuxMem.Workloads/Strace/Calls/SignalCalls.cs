using LinuxMem.Abi;
using LinuxMem.Workloads.Strace.Reading;

namespace LinuxMem.Workloads.Strace.Calls;

/// <summary>
/// Calls on signals. What they answer is compared; what is sent acts where the log shows it, as for a tracer.
/// </summary>
internal static class SignalCalls
{
    private const ulong SomeAddress = 0x1000;

    /// <summary>Plans one of these; false if the call is another, or cannot be compared.</summary>
    internal static bool TryPlan(StraceEvent call, LoggedTask task, ReplayState replay, CallPlan plan)
    {
        switch ((SyscallNr)call.Nr)
        {
            case SyscallNr.Kill or SyscallNr.Tkill or SyscallNr.Tgkill:
                return TryPlanKill(call, task, replay, plan);
            case SyscallNr.RtSigprocmask:
                return TryPlanMask(call, plan);
            case SyscallNr.RtSigaction when call[0].IsNumber && call[0].Number != (ulong)Signal.SigChld:
                return TryPlanAction(call, plan);
            case SyscallNr.Sigaltstack when call.Result.Error != "EPERM":
                return TryPlanStack(call, plan);
            case SyscallNr.RtSigpending when call[1].IsNumber:
                SyscallRequest request = SystemCalls.Numbers(call);
                request.Operands = call[0].IsNumber ? null : new SyscallOperands { BuffersUnknown = true };
                plan.Make(request);
                return true;
            default:
                return false;
        }
    }

    /// <summary>What undoes masks and handlers, so that a signal which the log shows to be fatal is.</summary>
    internal static IEnumerable<SyscallRequest> Default(ulong signal)
    {
        yield return new SyscallRequest
        {
            Nr = SyscallNr.RtSigprocmask,
            A0 = 2, // SIG_SETMASK
            A1 = SomeAddress,
            A3 = 8,
            Operands = new SyscallOperands { Words = [0], BuffersUnknown = true },
        };
        yield return new SyscallRequest
        {
            Nr = SyscallNr.RtSigaction,
            A0 = signal,
            A1 = SomeAddress,
            A3 = 8,
            Operands = new SyscallOperands { Words = [0, 0, 0, 0], BuffersUnknown = true },
        };
    }

    // Whom no line of the log is of may be anybody, or nobody.
    private static bool TryPlanKill(StraceEvent call, LoggedTask task, ReplayState replay, CallPlan plan)
    {
        int last = call.Nr == (int)SyscallNr.Tgkill ? 2 : 1;
        if (task.HasNamespaces || task.Script.HasOwnNumbers || !call[last].IsNumber)
            return false;
        for (int i = 0; i < last; i++)
        {
            int id = (int)call[i].Number;
            bool known = id == 0 || id == int.MinValue || replay.Scripts.Knows(Math.Abs(id)) || id == task.Pid;
            if (!call[i].IsNumber || id == -1 || (!known && call.Result.Error is null or "EPERM"))
                return false;
        }

        plan.Make(SystemCalls.Numbers(call) with { Operands = new SyscallOperands { HoldsSignals = true } });
        return true;
    }

    private static bool TryPlanMask(StraceEvent call, CallPlan plan)
    {
        const ulong block = 0, unblock = 1, set = 2;
        ulong? how = call[0].ToString() switch
        {
            "SIG_BLOCK" => block,
            "SIG_UNBLOCK" => unblock,
            "SIG_SETMASK" => set,
            _ => call[0].IsNumber ? call[0].Number : null,
        };
        ulong? mask = SetOf(call[1]);
        if (how is not { } mode || (mask is null && !call[1].IsNumber) || !call[3].IsNumber)
            return false;
        SyscallRequest request = SystemCalls.Numbers(call) with { A0 = mode };
        Point(ref request, mask is { } bits ? [bits] : null, call[2]);
        plan.Make(request);
        return true;
    }

    private static bool TryPlanAction(StraceEvent call, CallPlan plan)
    {
        List<ulong>? words = null;
        if (call[1].Member("sa_handler") is { } handler || (handler = call[1].Member("sa_sigaction")) is not null)
        {
            const ulong ignore = 1;
            ulong? entry = handler.ToString() switch
            {
                "SIG_DFL" => 0,
                "SIG_IGN" => ignore,
                _ => handler.IsNumber ? handler.Number : null,
            };
            if (entry is not { } address || call[1].Member("sa_flags") is not { IsNumber: true } flags
                || call[1].Member("sa_mask") is not { } mask || SetOf(mask) is not { } blocked)
                return false;
            words = [address, flags.Number, call[1].Member("sa_restorer")?.Number ?? 0, blocked];
        }
        else if (!call[1].IsNumber)
        {
            return false;
        }

        SyscallRequest request = SystemCalls.Numbers(call);
        Point(ref request, words, call[2]);
        plan.Make(request);
        return true;
    }

    private static bool TryPlanStack(StraceEvent call, CallPlan plan)
    {
        List<ulong>? words = null;
        if (call[0].Member("ss_sp") is { IsNumber: true } start)
        {
            if (call[0].Member("ss_flags") is not { IsNumber: true } flags
                || call[0].Member("ss_size") is not { IsNumber: true } size)
                return false;
            words = [start.Number, flags.Number, size.Number];
        }
        else if (!call[0].IsNumber)
        {
            return false;
        }

        SyscallRequest request = SystemCalls.Numbers(call);
        if (words is not null)
            request.A0 = SomeAddress;
        if (!call[1].IsNumber)
            request.A1 = SomeAddress;
        if (words is not null || !call[1].IsNumber)
            request.Operands = new SyscallOperands { Words = words, BuffersUnknown = true };
        plan.Make(request);
        return true;
    }

    // The new value in argument 1, the place of the old one in argument 2.
    private static void Point(ref SyscallRequest request, List<ulong>? words, StraceValue old)
    {
        if (words is not null)
            request.A1 = SomeAddress;
        if (!old.IsNumber)
            request.A2 = SomeAddress;
        if (words is not null || !old.IsNumber)
            request.Operands = new SyscallOperands { Words = words, BuffersUnknown = true };
    }

    // "[INT CHLD RT_1]", or "~[...]" for all but those.
    private static ulong? SetOf(StraceValue value)
    {
        string text = value.ToString();
        bool isComplement = text.StartsWith('~');
        if (isComplement)
            text = text[1..];
        if (!text.StartsWith('[') || !text.EndsWith(']'))
            return null;
        ulong bits = 0;
        foreach (string name in text[1..^1].Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            string full = name.StartsWith("SIG", StringComparison.Ordinal) ? name : "SIG" + name;
            if (!Constants.TryFind(System.Text.Encoding.ASCII.GetBytes(full), out ulong signal) || signal is 0 or > 64)
                return null;
            bits |= 1UL << (int)(signal - 1);
        }

        return isComplement ? ~bits : bits;
    }
}
