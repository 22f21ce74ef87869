using LinuxMem.Abi;
using LinuxMem.Workloads.Strace.Reading;

namespace LinuxMem.Workloads.Strace.Calls;

/// <summary>
/// Options of prctl whose answers do not depend on the processor, or on what happened before the log.
/// </summary>
internal static class PrctlPlan
{
    private static readonly Dictionary<string, (ulong Option, bool IsFilled)> Options = new(StringComparer.Ordinal)
    {
        ["PR_SET_PDEATHSIG"] = (1, false),
        ["PR_GET_PDEATHSIG"] = (2, true),
        ["PR_GET_DUMPABLE"] = (3, false),
        ["PR_SET_DUMPABLE"] = (4, false),
        ["PR_GET_TIMING"] = (13, false),
        ["PR_SET_TIMING"] = (14, false),
        ["PR_SET_NAME"] = (15, false),
        ["PR_GET_NAME"] = (16, true),
        ["PR_CAPBSET_READ"] = (23, false),
        ["PR_CAPBSET_DROP"] = (24, false),
        ["PR_GET_TSC"] = (25, true),
        ["PR_SET_TSC"] = (26, false),
        ["PR_SET_TIMERSLACK"] = (29, false),
        ["PR_SET_CHILD_SUBREAPER"] = (36, false),
        ["PR_GET_CHILD_SUBREAPER"] = (37, true),
        ["PR_SET_NO_NEW_PRIVS"] = (38, false),
        ["PR_GET_NO_NEW_PRIVS"] = (39, false),
        ["PR_GET_TID_ADDRESS"] = (40, true),
        ["PR_SET_MM"] = (35, false),
    };

    /// <summary>Plans one of these; false if it is another, or an argument is not known.</summary>
    internal static bool TryPlan(StraceEvent call, CallPlan plan)
    {
        // A seccomp filter of the log answers ENOSYS for what it filters.
        if (!Options.TryGetValue(call[0].ToString(), out var option) || call.Result.Error == "ENOSYS")
            return false;
        SyscallRequest request = SystemCalls.Numbers(call) with { A0 = option.Option };
        if (call[0].ToString() == "PR_SET_NAME" && call[1].Kind == StraceValueKind.Text)
            request.Operands = new SyscallOperands { Path = call[1].AsString() };
        else if (option.IsFilled && !call[1].IsNumber)
            request.Operands = new SyscallOperands { BuffersUnknown = true };
        else if (!AreNumbers(call))
            return false;
        plan.Make(request);
        return true;
    }

    private static bool AreNumbers(StraceEvent call)
    {
        for (int i = 1; i < call.Arguments.Count; i++)
        {
            if (!call[i].IsNumber)
                return false;
        }

        return true;
    }
}
