using LinuxMem.Abi;
using LinuxMem.Workloads.Strace.Planning;
using LinuxMem.Workloads.Strace.Reading;

namespace LinuxMem.Workloads.Strace.Layouts;

/// <summary>
/// Whose a logged program is. It is a fact of the machine: the first call that asks tells, if nothing was changed
/// before. Root where nobody asks.
/// </summary>
internal static class UserGuess
{
    /// <summary>The user of the first process of a log.</summary>
    internal static uint Make(TaskScript script)
    {
        foreach (StraceEvent call in script.Events)
        {
            if (call.Kind != StraceEventKind.Call || !call.IsEnded)
                continue;
            switch ((SyscallNr)call.Nr)
            {
                case SyscallNr.Getuid or SyscallNr.Geteuid when call.Result.IsSuccess:
                    return (uint)call.Result.Value;
                case SyscallNr.Setuid or SyscallNr.Setreuid or SyscallNr.Setresuid or SyscallNr.Unshare:
                    return 0;
                default:
                    continue;
            }
        }

        return 0;
    }
}
