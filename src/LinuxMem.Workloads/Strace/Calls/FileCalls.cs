using LinuxMem.Abi;
using LinuxMem.Workloads.Strace.Reading;

namespace LinuxMem.Workloads.Strace.Calls;

/// <summary>Calls on files and descriptors.</summary>
internal static class FileCalls
{
    private const string Outside = "a file from outside";

    /// <summary>Plans one of these; false if the call is another.</summary>
    internal static bool TryPlan(
        StraceEvent call, LoggedTask task, ReplayState replay, GuideHints hints, CallPlan plan)
    {
        switch ((SyscallNr)call.Nr)
        {
            case SyscallNr.Open or SyscallNr.Openat or SyscallNr.Creat or SyscallNr.Openat2:
                OpenCalls.Plan(call, task, replay, plan);
                return true;
            case SyscallNr.Close:
                Close(call, task, plan);
                return true;
            case SyscallNr.Dup2 or SyscallNr.Dup3 when call.Result.Error == "EBUSY" && replay.OpensBeside(call, task):
                plan.Skip("a descriptor that a call beside it is about to fill");
                return true;
            case SyscallNr.Dup or SyscallNr.Dup2 or SyscallNr.Dup3 or SyscallNr.Fcntl:
                DescriptorCalls.Plan(call, task, plan);
                return true;
            case SyscallNr.Ioctl when IoctlPlans.CommandOf(call) is { } command:
                IoctlPlans.Plan(call, command, task, plan);
                return true;
            case SyscallNr.Flock:
                LockCalls.PlanFlock(call, task, plan);
                return true;
            case SyscallNr.CloseRange:
                DescriptorCalls.CloseRange(call, task, plan);
                return true;
            case { } nr when TransferCalls.Is(nr):
                TransferCalls.Plan(call, task, hints, plan);
                return true;
            case SyscallNr.Lseek or SyscallNr.Ftruncate or SyscallNr.Fallocate or SyscallNr.Fsync
                or SyscallNr.Fdatasync or SyscallNr.SyncFileRange or SyscallNr.Fadvise64 or SyscallNr.Readahead:
                OnDescriptor(call, task, plan, replay);
                return true;
            case SyscallNr.Truncate:
                PathCalls.Plan(call, task, replay, plan);
                return true;
            case SyscallNr.MemfdCreate:
                Memfd(call, task, plan);
                return true;
            case SyscallNr.Mount when call.Result.IsSuccess:
                replay.Mounts.Note(call, task);
                replay.Names.Cover(PathCalls.Absolute(task, call[1].AsString() ?? ""));
                return false;
            case SyscallNr.Umount2 when call.Result.IsSuccess:
                replay.Names.Cover(PathCalls.Absolute(task, call[0].AsString() ?? ""));
                return false;
            case SyscallNr.PidfdOpen when IsOfUnseen(call, task, replay):
                return DescriptorCalls.TryPlanStandIn(call, task, plan);
            case SyscallNr.PidfdOpen:
                Make(call, task, "anon_inode:[pidfd]", closesOnExec: true, plan);
                return true;
            case SyscallNr.MemfdSecret:
                bool closes = call[0].ToString().Contains("CLOEXEC", StringComparison.Ordinal);
                Make(call, task, "/secretmem", closes, plan);
                return true;
            case SyscallNr.Cachestat:
                OnDescriptor(call, task, plan, replay);
                return true;
            default:
                return PipeMoves.TryPlan(call, task, hints, plan) || DescriptorCalls.TryPlanStandIn(call, task, plan);
        }
    }

    // A process that the log says nothing of but that it is there.
    private static bool IsOfUnseen(StraceEvent call, LoggedTask task, ReplayState replay)
    {
        int pid = (int)call[0].Number;
        return call.Result.IsSuccess && call[0].IsNumber && pid != task.Pid && !replay.Scripts.Knows(pid);
    }

    /// <summary>Whether a call may change what the status of a file tells.</summary>
    internal static bool Changes(SyscallNr nr) => TransferCalls.Is(nr) || nr is SyscallNr.Open or SyscallNr.Openat
        or SyscallNr.Openat2 or SyscallNr.Creat or SyscallNr.Ftruncate or SyscallNr.Truncate or SyscallNr.Fallocate
        or SyscallNr.Sendfile or SyscallNr.Splice or SyscallNr.CopyFileRange or SyscallNr.Link or SyscallNr.Linkat
        or SyscallNr.Unlink or SyscallNr.Unlinkat or SyscallNr.Rename or SyscallNr.Renameat or SyscallNr.Renameat2
        or SyscallNr.Symlink or SyscallNr.Symlinkat or SyscallNr.Mkdir or SyscallNr.Mkdirat or SyscallNr.Rmdir
        or SyscallNr.Chmod or SyscallNr.Fchmod or SyscallNr.Fchmodat or SyscallNr.Fchmodat2 or SyscallNr.IoSubmit
        or SyscallNr.Rmdir or SyscallNr.Mknod or SyscallNr.Mknodat or SyscallNr.Mount or SyscallNr.Umount2;

    /// <summary>How the answer of a call on a descriptor is compared.</summary>
    internal static void JudgeAs(in Descriptor file, CallPlan plan)
    {
        if (file.Kind == DescriptorKind.Known || file.IsSized)
            return;
        plan.Judgement = CallJudgement.None;
        plan.Reason = file.Kind == DescriptorKind.Outside ? Outside : "a stand-in for what is no file";
    }

    private static void OnDescriptor(StraceEvent call, LoggedTask task, CallPlan plan, ReplayState replay)
    {
        if (!task.Files.TryFind((int)call[0].Number, out Descriptor file))
        {
            DescriptorCalls.Unknown(call, plan);
            return;
        }

        if (call.Nr == (int)SyscallNr.Lseek && call.Result.IsSuccess)
            file.Text?.Reset();
        plan.Make(SystemCalls.Numbers(call));
        // Where a file from outside has holes, nobody has told.
        const ulong seekData = 3;
        bool asksForHoles = call.Nr == (int)SyscallNr.Lseek && call[2].Number >= seekData;
        JudgeAs(asksForHoles ? file with { IsSized = false } : file, plan);
        if (asksForHoles && replay.Mounts.IsOfOthers(file.Path))
            plan.MakeUnjudged(plan.Request, Outside);
        // Which file system is mounted there decides what it can do.
        if (call.Nr == (int)SyscallNr.Fallocate && replay.Mounts.IsBelowOne(file.Path))
            plan.MakeUnjudged(plan.Request, Outside);
    }

    private static void Close(StraceEvent call, LoggedTask task, CallPlan plan)
    {
        int fd = (int)call[0].Number;
        if (!task.Files.TryFind(fd, out Descriptor file))
        {
            DescriptorCalls.Unknown(call, plan);
            // Standard input, output and error are open here too.
            if (call.Result.IsSuccess)
                plan.MakeUnjudged(SystemCalls.Numbers(call), "a descriptor from before the log");
            return;
        }

        plan.Make(SystemCalls.Numbers(call));
        if (file.Kind == DescriptorKind.StandIn)
            JudgeAs(file, plan);
        if (call.Result.IsSuccess)
            task.Files.Remove(fd);
    }

    private static void Make(StraceEvent call, LoggedTask task, string path, bool closesOnExec, CallPlan plan)
    {
        SyscallRequest request = SystemCalls.Numbers(call);
        if (call.Result.IsSuccess)
        {
            int fd = (int)call.Result.Value;
            request.Operands = new SyscallOperands { WantedId = fd };
            task.Files.Add(fd, new Descriptor(DescriptorKind.Known, path, closesOnExec));
        }

        plan.Make(request, CallJudgement.Outcome);
    }

    // Of a name that strace cuts only the answer tells how long it is.
    private static string Rest(StraceEvent call) =>
        call[0].IsCut && call.Result.Error == "EINVAL" ? new string('x', 300) : "";

    private static void Memfd(StraceEvent call, LoggedTask task, CallPlan plan)
    {
        SyscallRequest request = SystemCalls.Numbers(call);
        int? fd = call.Result.IsSuccess ? (int)call.Result.Value : null;
        bool named = call[0].Kind == StraceValueKind.Text;
        request.Operands = new SyscallOperands
        {
            Path = named ? (call[0].AsString() ?? "") + Rest(call) : null,
            WantedId = fd,
            BuffersUnknown = named,
        };
        plan.Make(request, CallJudgement.Outcome);
        const ulong closesOnExec = 1;
        if (fd is { } known)
        {
            task.Files.Add(known, new Descriptor(DescriptorKind.Known, "/memfd:" + call[0].AsString(),
                (call[1].Number & closesOnExec) != 0)
            { IsMade = true });
        }
    }
}
