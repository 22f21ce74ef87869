using LinuxMem.Abi;
using LinuxMem.Workloads.Strace.Checking;
using LinuxMem.Workloads.Strace.Reading;

namespace LinuxMem.Workloads.Strace.Calls;

/// <summary>open, openat, creat.</summary>
internal static class OpenCalls
{
    private const ulong Create = 0x40;
    private const ulong Exclusive = 0x80;
    private const ulong Truncate = 0x200;
    private const ulong ClosesOnExec = 0x80000;
    private const ulong TemporaryFile = 0x400000;

    /// <summary>Plans one of these.</summary>
    internal static void Plan(StraceEvent call, LoggedTask task, ReplayState replay, CallPlan plan)
    {
        if (!call.Result.IsSuccess)
        {
            plan.Skip("a path that is not opened");
            return;
        }

        int first = call.Nr == (int)SyscallNr.Openat ? 1 : 0;
        ulong flags = call.Nr == (int)SyscallNr.Creat ? Create | Truncate | 1 : call[first + 1].Number;
        int fd = (int)call.Result.Value;
        string path = PathOf(call, first, task);
        bool kernels = replay.Options.Check == CheckLevel.All && FileFacts.IsOfKernel(path);
        bool tunable = FileFacts.IsTunable(path);
        ExternalFile? file = FileFacts.Of(path, fd, flags, task.Script, task.Script.Next);
        bool huge = replay.Mounts.IsOfHugePages(path, call[first].AsString());
        bool made = IsMade(flags, file) && file.Kind == ExternalKind.Regular;
        if (kernels || made || tunable)
            file = huge ? new ExternalFile(ExternalKind.Regular) { OnHugetlbfs = true } : null;
        // What is described to the machine is there by then.
        ulong asked = huge && made ? flags & ~Exclusive : flags;
        plan.Make(FileFacts.Open(fd, path, file, asked), CallJudgement.Outcome);
        bool known = made || kernels || tunable || replay.KnownPaths.Contains(path);
        if (made)
            replay.KnownPaths.Add(path);
        DescriptorKind kind = known ? DescriptorKind.Known
            : file!.Kind is ExternalKind.Regular or ExternalKind.Directory or ExternalKind.DevZero
            ? DescriptorKind.Outside : DescriptorKind.StandIn;
        task.Files.Add(fd, new Descriptor(kind, path, (flags & ClosesOnExec) != 0,
            kernels ? new ProcText() : null));
        if (!known)
        {
            plan.Judgement = CallJudgement.None;
            plan.Reason = "a path from outside";
        }
    }

    // Whether the file is new, or emptied, with this call: then the machine knows all of it.
    private static bool IsMade(ulong flags, ExternalFile file)
    {
        if ((flags & TemporaryFile) == TemporaryFile || (flags & Truncate) != 0)
            return true;
        if ((flags & Create) == 0)
            return false;
        return (flags & Exclusive) != 0 || file.SizeBytes is 0 or FileFacts.UnknownBytes;
    }

    private static string PathOf(StraceEvent call, int first, LoggedTask task)
    {
        if (call.Result.Path is { } shown && shown.StartsWith('/'))
            return shown;
        string path = call[first].AsString() ?? "";
        if (first == 1 && call[0].Label is { } directory && !path.StartsWith('/'))
            return directory + "/" + path;
        if (first == 1 && task.Files.TryFind((int)call[0].Number, out Descriptor open) && !path.StartsWith('/'))
            return open.Path + "/" + path;
        return PathCalls.Absolute(task, path);
    }
}
