using LinuxMem.Abi;
using LinuxMem.Workloads.Strace.Planning;
using LinuxMem.Workloads.Strace.Reading;

namespace LinuxMem.Workloads.Strace.Calls;

/// <summary>Calls that tell or change what a task is called: pids, users, process groups.</summary>
internal static class IdentityCalls
{
    private const string BeforeTheLog = "groups and sessions that began before the log";

    /// <summary>Plans one of these; false if the call is another, or names cannot be compared.</summary>
    internal static bool TryPlan(StraceEvent call, LoggedTask task, ReplayState replay, CallPlan plan)
    {
        switch ((SyscallNr)call.Nr)
        {
            case SyscallNr.Getpid or SyscallNr.Gettid when !task.HasNamespaces:
            case SyscallNr.Getuid or SyscallNr.Geteuid or SyscallNr.Getgid or SyscallNr.Getegid
                when !task.HasNamespaces:
            case SyscallNr.Getppid when !task.HasNamespaces && task.Script.HasMaker:
                plan.Make(SystemCalls.Numbers(call));
                return true;
            case SyscallNr.Setpgid or SyscallNr.Setsid when !task.HasNamespaces && AreNumbers(call):
                plan.Make(SystemCalls.Numbers(call));
                int group = (int)call[1].Number;
                bool known = task.Script.HasMaker
                    && (call.Nr == (int)SyscallNr.Setsid || group <= 0 || replay.Scripts.Knows(group));
                if (known)
                    return true;
                plan.MakeUnjudged(plan.Request, BeforeTheLog);
                return true;
            default:
                return false;
        }
    }

    /// <summary>Whether a call gives the task, or those that it makes, names of their own.</summary>
    internal static bool MakesNamespaces(StraceEvent call)
    {
        const ulong named = 0x1000_0000 | 0x2000_0000; // CLONE_NEWUSER, CLONE_NEWPID
        var nr = (SyscallNr)call.Nr;
        ulong flags = nr == SyscallNr.Unshare ? call[0].Number
            : CloneCall.IsOne(call) ? (ulong)CloneCall.FlagsOf(call) : 0;
        return nr == SyscallNr.Setns || (flags & named) != 0;
    }

    private static bool AreNumbers(StraceEvent call)
    {
        foreach (StraceField argument in call.Arguments)
        {
            if (!argument.Value.IsNumber)
                return false;
        }

        return true;
    }
}
