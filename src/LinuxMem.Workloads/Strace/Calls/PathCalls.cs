using LinuxMem.Abi;
using LinuxMem.Workloads.Strace.Reading;

namespace LinuxMem.Workloads.Strace.Calls;

/// <summary>Calls that name files by paths: only those whose files the machine has.</summary>
internal static class PathCalls
{
    /// <summary>Plans truncate, unlink, rename and their kin.</summary>
    internal static void Plan(StraceEvent call, LoggedTask task, ReplayState replay, CallPlan plan)
    {
        var nr = (SyscallNr)call.Nr;
        int first = nr is SyscallNr.Unlinkat or SyscallNr.Renameat or SyscallNr.Renameat2 ? 1 : 0;
        string path = Resolve(call, first, task);
        if (!call.Result.IsSuccess || !replay.KnownPaths.Contains(path))
        {
            plan.Skip("a path that the machine does not have");
            return;
        }

        string? path2 = nr is SyscallNr.Rename ? Resolve(call, 1, task)
            : first == 1 && nr != SyscallNr.Unlinkat ? Resolve(call, 3, task) : null;
        SyscallRequest request = SystemCalls.Numbers(call);
        request.Nr = nr switch
        {
            SyscallNr.Unlinkat => SyscallNr.Unlink,
            SyscallNr.Renameat or SyscallNr.Renameat2 => SyscallNr.Rename,
            _ => nr,
        };
        request.Operands = new SyscallOperands { Path = path, Path2 = path2, BuffersUnknown = true };
        plan.Make(request);
        if (nr != SyscallNr.Truncate)
            replay.KnownPaths.Remove(path);
        if (path2 is not null)
            replay.KnownPaths.Add(path2);
    }

    /// <summary>A path from the root on, as far as the log tells where the task is.</summary>
    internal static string Absolute(LoggedTask task, string path) =>
        path.StartsWith('/') ? path : task.Directory.TrimEnd('/') + "/" + path;

    private static string Resolve(StraceEvent call, int index, LoggedTask task)
    {
        string path = call[index].AsString() ?? "";
        if (index > 0 && call[index - 1].Label is { } directory && !path.StartsWith('/'))
            return directory + "/" + path;
        return Absolute(task, path);
    }
}
