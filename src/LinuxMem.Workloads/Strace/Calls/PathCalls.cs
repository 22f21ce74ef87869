using LinuxMem.Abi;
using LinuxMem.Workloads.Strace.Reading;

namespace LinuxMem.Workloads.Strace.Calls;

/// <summary>Calls that name files by paths: only those whose files the machine has.</summary>
internal static class PathCalls
{
    /// <summary>Plans truncate.</summary>
    internal static void Plan(StraceEvent call, LoggedTask task, ReplayState replay, CallPlan plan)
    {
        string path = Absolute(task, call[0].AsString() ?? "");
        if (!call.Result.IsSuccess || !replay.KnownPaths.Contains(path))
        {
            plan.Skip("a path that the machine does not have");
            return;
        }

        plan.Make(SystemCalls.Numbers(call) with
        {
            Operands = new SyscallOperands { Path = path, BuffersUnknown = true },
        });
    }

    /// <summary>A path from the root on, as far as the log tells where the task is.</summary>
    internal static string Absolute(LoggedTask task, string path) =>
        path.StartsWith('/') ? path : task.Directory.TrimEnd('/') + "/" + path;
}
