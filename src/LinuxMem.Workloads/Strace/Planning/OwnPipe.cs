using LinuxMem.Abi;
using LinuxMem.Workloads.Strace.Reading;

namespace LinuxMem.Workloads.Strace.Planning;

/// <summary>
/// Whether a pipe is one task's alone as long as it lives: then what passes through it can be foreseen.
/// </summary>
/// <remarks>
/// Nobody else fills or empties it, so that no call on it waits. A pipe that a child has too is filled and emptied at
/// moments that the log does not tell.
/// </remarks>
internal static class OwnPipe
{
    private const int EventsAhead = 4096;

    /// <summary>
    /// Looks through what the maker does next, up to where both ends are closed or the log of it ends.
    /// </summary>
    internal static bool Is(TaskScript script, int reader, int writer)
    {
        bool reads = true, writes = true;
        for (int i = script.Next; i < script.Events.Count && (reads || writes); i++)
        {
            if (i - script.Next >= EventsAhead)
                return false;
            StraceEvent call = script.Events[i];
            if (call.Kind != StraceEventKind.Call)
                continue;
            var nr = (SyscallNr)call.Nr;
            // A child has the ends too; another process may be sent them.
            if ((CloneCall.IsOne(call) && call.Result is { IsSuccess: true }) || nr is SyscallNr.Sendmsg)
                return false;
            // Another descriptor may outlive both.
            if (nr is SyscallNr.Dup or SyscallNr.Dup2 or SyscallNr.Dup3 or SyscallNr.Fcntl && call.Result.IsSuccess
                && IsOneOf(call[0], reader, writer) && (nr != SyscallNr.Fcntl || Duplicates(call)))
                return false;
            if (IsOn(call, nr, reader, writer) && (!call.IsEnded || !call.Result.IsKnown
                || call.Result.Error is "EINTR"))
                return false;
            if (nr == SyscallNr.Close && call.Result.IsSuccess)
            {
                reads &= (int)call[0].Number != reader;
                writes &= (int)call[0].Number != writer;
            }

            call.Forget();
        }

        return true;
    }

    private static bool IsOn(StraceEvent call, SyscallNr nr, int reader, int writer)
    {
        if (nr is not (SyscallNr.Read or SyscallNr.Write or SyscallNr.Readv or SyscallNr.Writev or SyscallNr.Splice
            or SyscallNr.Tee or SyscallNr.Vmsplice or SyscallNr.Sendfile))
            return false;
        return IsOneOf(call[0], reader, writer)
            || (nr is SyscallNr.Tee or SyscallNr.Sendfile && IsOneOf(call[1], reader, writer))
            || (nr == SyscallNr.Splice && IsOneOf(call[2], reader, writer));
    }

    private static bool Duplicates(StraceEvent call)
    {
        const ulong duplicate = 0, duplicateAndClose = 1030;
        return call[1].IsNumber && call[1].Number is duplicate or duplicateAndClose;
    }

    private static bool IsOneOf(StraceValue value, int reader, int writer) =>
        value.IsNumber && ((int)value.Number == reader || (int)value.Number == writer);
}
