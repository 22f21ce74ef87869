using LinuxMem.Abi;
using LinuxMem.Workloads.Strace.Reading;

namespace LinuxMem.Workloads.Strace.Calls;

/// <summary>
/// Calls on descriptors of processes, and signals with what their sender tells of them. What is sent acts where the log
/// shows it.
/// </summary>
internal static class PidfdPlans
{
    private const string Pidfd = "anon_inode:[pidfd]";

    /// <summary>Plans one of these; false if the call is another, or cannot be compared.</summary>
    internal static bool TryPlan(StraceEvent call, LoggedTask task, ReplayState replay, CallPlan plan)
    {
        switch ((SyscallNr)call.Nr)
        {
            case SyscallNr.PidfdGetfd:
                GetFile(call, task, plan);
                return true;
            case SyscallNr.PidfdSendSignal:
                return TryPlanSignal(call, task, plan, info: 2, IsPidfd(call, task) || call.Result.Error == "EBADF");
            case SyscallNr.RtSigqueueinfo:
                return TryPlanSignal(call, task, plan, info: 2, IsKnown(call, 0, task, replay));
            case SyscallNr.RtTgsigqueueinfo:
                return TryPlanSignal(call, task, plan, info: 3,
                    IsKnown(call, 0, task, replay) && IsKnown(call, 1, task, replay));
            case SyscallNr.ProcessMrelease:
                Release(call, task, plan);
                return true;
            default:
                return false;
        }
    }

    /// <summary>Takes in that a clone has given its caller a descriptor of the child.</summary>
    internal static void NoteClone(StraceEvent call, LoggedTask task, ref SyscallRequest request)
    {
        const ulong pidfd = 0x1000, parentSetTid = 0x10_0000;
        if ((request.A0 & pidfd) == 0)
            return;
        StraceValue? place = call.Nr == (int)SyscallNr.Clone3
            ? (call[0].After ?? call[0]).Member("pidfd") : call.Argument("parent_tid");
        if (place is not { Kind: StraceValueKind.Array, Items.Count: 1 } || !place.Items[0].Value.IsNumber)
            return;
        // clone3 has a place for each, where clone has one for both.
        if ((request.A0 & parentSetTid) != 0)
            request.A0 &= ~parentSetTid;
        int fd = (int)place.Items[0].Value.Number;
        request.Operands = new SyscallOperands { WantedId = fd };
        task.Files.Add(fd, new Descriptor(DescriptorKind.Known, Pidfd, ClosesOnExec: true));
    }

    // Of another process's files, the log does not tell which it is.
    private static void GetFile(StraceEvent call, LoggedTask task, CallPlan plan)
    {
        if (!IsPidfd(call, task) && call.Result.Error != "EBADF")
        {
            plan.Skip("a descriptor from before the log");
            return;
        }

        SyscallRequest request = SystemCalls.Numbers(call);
        if (call.Result.IsSuccess)
        {
            int fd = (int)call.Result.Value;
            request.Operands = new SyscallOperands { WantedId = fd };
            task.Files.Add(fd, new Descriptor(DescriptorKind.StandIn, "anonymous", ClosesOnExec: true));
        }

        plan.Make(request, CallJudgement.Outcome);
    }

    private static bool TryPlanSignal(StraceEvent call, LoggedTask task, CallPlan plan, int info, bool isKnown)
    {
        SyscallRequest request = SystemCalls.Numbers(call);
        List<ulong>? words = null;
        if (call[info].Kind == StraceValueKind.Structure)
        {
            const ulong someAddress = 0x1000;
            if (call[info].Member("si_signo") is not { IsNumber: true } number
                || call[info].Member("si_code") is not { IsNumber: true } code)
                return false;
            words = [number.Number, code.Number];
            _ = info == 2 ? request.A2 = someAddress : request.A3 = someAddress;
        }

        if (!isKnown || task.HasNamespaces || task.Script.HasOwnNumbers || !call[info - 1].IsNumber)
            return false;
        request.Operands = new SyscallOperands { Words = words, HoldsSignals = true };
        plan.Make(request);
        return true;
    }

    // Whether a process still has memory when it is released, the log does not tell.
    private static void Release(StraceEvent call, LoggedTask task, CallPlan plan)
    {
        SyscallRequest request = SystemCalls.Numbers(call);
        bool isStandIn = task.Files.TryFind((int)call[0].Number, out Descriptor file)
            && file.Kind == DescriptorKind.StandIn;
        if (!IsPidfd(call, task) && (isStandIn || call.Result.Error is not ("EBADF" or "EINVAL")))
            plan.Skip("a descriptor from before the log");
        else if (call.Result.Error == "ESRCH")
            plan.MakeUnjudged(request, "the moment at which a process has died");
        else
            plan.Make(request);
    }

    private static bool IsPidfd(StraceEvent call, LoggedTask task) =>
        task.Files.TryFind((int)call[0].Number, out Descriptor file) && file.Path == Pidfd;

    private static bool IsKnown(StraceEvent call, int argument, LoggedTask task, ReplayState replay)
    {
        int id = (int)call[argument].Number;
        return call[argument].IsNumber && (id <= 0 || replay.Scripts.Knows(id) || id == task.Pid
            || call.Result.Error is not (null or "EPERM"));
    }
}
