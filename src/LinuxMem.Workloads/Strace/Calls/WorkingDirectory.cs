using LinuxMem.Abi;
using LinuxMem.Workloads.Strace.Planning;
using LinuxMem.Workloads.Strace.Reading;

namespace LinuxMem.Workloads.Strace.Calls;

/// <summary>Where a program runs, as far as its log tells: memory maps show whole paths.</summary>
internal static class WorkingDirectory
{
    private const int EventsAhead = 200;
    private const string Self = "/proc/self/exe";

    /// <summary>Takes in what -y shows behind AT_FDCWD.</summary>
    internal static void Note(StraceEvent call, LoggedTask task)
    {
        const int atWorkingDirectory = -100;
        if (task.Fs.IsCertain || !BeginsWithDirectory((SyscallNr)call.Nr))
            return;
        StraceValue first = call[0];
        if (first is { IsNumber: true, Label: { } shown } && (int)first.Number == atWorkingDirectory
            && shown.StartsWith('/') && !shown.EndsWith(" (deleted)", StringComparison.Ordinal))
            task.Fs.Directory = shown;
    }

    private static bool BeginsWithDirectory(SyscallNr nr) => nr is >= SyscallNr.Openat and <= SyscallNr.Faccessat
        or SyscallNr.Utimensat or SyscallNr.Renameat2 or SyscallNr.Execveat or SyscallNr.Statx or SyscallNr.Openat2
        or SyscallNr.Faccessat2 or SyscallNr.Fchmodat2;

    /// <summary>
    /// The directory that a program was started in; null if its first calls do not tell. They tell if it asks for it
    /// (getcwd), or if it was started by a relative path and asks for the whole one, as the C library of static
    /// programs does.
    /// </summary>
    /// <param name="script">The task's script; its next event is the first one of the new image.</param>
    /// <param name="started">The path that execve took.</param>
    internal static string? Find(TaskScript script, string started)
    {
        string name = started.StartsWith("./", StringComparison.Ordinal) ? started[2..] : started;
        for (int i = script.Next; i < script.Events.Count && i < script.Next + EventsAhead; i++)
        {
            StraceEvent call = script.Events[i];
            if (call.Kind != StraceEventKind.Call || !call.Result.IsSuccess)
                continue;
            string? found = null;
            switch ((SyscallNr)call.Nr)
            {
                case SyscallNr.Execve or SyscallNr.Execveat or SyscallNr.Chdir or SyscallNr.Fchdir:
                    return null;
                case SyscallNr.Getcwd:
                    found = call[0].AsString();
                    break;
                case SyscallNr.Readlink when call[0].AsString() == Self:
                    found = Above(call[1].AsString(), name);
                    break;
                case SyscallNr.Readlinkat when call[1].AsString() == Self:
                    found = Above(call[2].AsString(), name);
                    break;
                default:
                    continue;
            }

            call.Forget();
            if (found is { Length: > 0 } && found[0] == '/')
                return found;
        }

        return null;
    }

    // "/tmp/dir/program" was started as "program": in /tmp/dir.
    private static string? Above(string? whole, string name)
    {
        if (whole is null || name.StartsWith('/') || !whole.EndsWith("/" + name, StringComparison.Ordinal))
            return null;
        string directory = whole[..^(name.Length + 1)];
        return directory.Length == 0 ? "/" : directory;
    }
}
