using LinuxMem.Abi;
using LinuxMem.Workloads.Strace.Planning;
using LinuxMem.Workloads.Strace.Reading;

namespace LinuxMem.Workloads.Strace.Calls;

/// <summary>The calls that wait for children.</summary>
internal static class TaskCalls
{
    private const ulong NoHang = 1;

    /// <summary>Plans wait4.</summary>
    internal static void PlanWait(StraceEvent call, LoggedTask task, ReplayState replay, CallPlan plan)
    {
        StraceResult result = call.Result;
        if (result.Error == "EINTR")
        {
            plan.Skip("interrupted, and made again");
            return;
        }

        if (call[1].ToString().Contains("WIFSTOPPED", StringComparison.Ordinal)
            || call[1].ToString().Contains("WIFCONTINUED", StringComparison.Ordinal))
        {
            plan.Skip("stopped children");
            return;
        }

        // It was made where the log ends it: what it waited for has happened, so it never waits here.
        bool found = result is { IsSuccess: true, Value: > 0 };
        plan.Make(new SyscallRequest
        {
            Nr = SyscallNr.Wait4,
            A0 = (ulong)(found ? task.NumberOf((int)result.Value) : Wanted(call[0].Number, task, replay)),
            A1 = Place(call[1]),
            A2 = call[2].Number | (found ? 0 : NoHang),
            A3 = Place(call[3]),
            Operands = Answers(call[1], call[3]),
        }, found && task.NumberOf((int)result.Value) != result.Value ? CallJudgement.Outcome : CallJudgement.Exact);
    }

    // Where an answer goes that strace shows in place of its address.
    private static ulong Place(StraceValue pointer)
    {
        const ulong someAddress = 0x1000;
        return pointer.IsNumber ? pointer.Number : pointer == StraceValue.None ? 0 : someAddress;
    }

    private static SyscallOperands? Answers(StraceValue first, StraceValue second) =>
        first.IsNumber && second.IsNumber ? null : new SyscallOperands { BuffersUnknown = true, WantsCopied = true };

    // A process group that the log does not show being made may be anybody's.
    private static int Wanted(ulong pid, LoggedTask task, ReplayState replay)
    {
        int number = (int)pid;
        if (number > 0)
            return task.NumberOf(number);
        return number is < -1 and not int.MinValue && !replay.Scripts.Knows(-number) ? -1 : number;
    }

    /// <summary>Plans waitid, of the child that it found if it found one.</summary>
    internal static void PlanWaitId(StraceEvent call, LoggedTask task, ReplayState replay, CallPlan plan)
    {
        const ulong byPid = 1, byGroup = 2;
        StraceValue? pid = call[2].Member("si_pid");
        string info = call[2].ToString();
        if (call.Result.Error == "EINTR")
        {
            plan.Skip("interrupted, and made again");
            return;
        }

        bool isOfStops = info.Contains("CLD_STOPPED", StringComparison.Ordinal)
            || info.Contains("CLD_CONTINUED", StringComparison.Ordinal)
            || info.Contains("CLD_TRAPPED", StringComparison.Ordinal);
        if (isOfStops || !call[0].IsNumber || !call[3].IsNumber)
        {
            plan.Skip("stopped children");
            return;
        }

        bool found = call.Result.IsSuccess && pid is { IsNumber: true, Number: > 0 };
        ulong which = found ? byPid : call[0].Number;
        ulong id = found ? pid!.Number : call[1].Number;
        if (which == byGroup && id > 0 && !replay.Scripts.Knows((int)id))
            (which, id) = (0, 0);
        if (which == byPid && id is > 0 and <= int.MaxValue)
            id = (ulong)task.NumberOf((int)id);
        plan.Make(new SyscallRequest
        {
            Nr = SyscallNr.Waitid,
            A0 = which,
            A1 = id,
            A2 = Place(call[2]),
            A3 = call[3].Number | (found || call.Result.Error == "EAGAIN" ? 0 : NoHang),
            A4 = Place(call[4]),
            Operands = Answers(call[2], call[4]),
        });
    }

    /// <summary>Plans fork and its kin; the child's program is <paramref name="child"/>.</summary>
    internal static void PlanClone(StraceEvent call, IProgram child, int childPid, CallPlan plan)
    {
        var request = new SyscallRequest
        {
            Nr = SyscallNr.Clone,
            A0 = (ulong)CloneCall.FlagsOf(call) | (ulong)CloneCall.SignalOf(call),
            Child = child,
            ChildPid = childPid,
        };
        if (call.Nr == (int)SyscallNr.Clone3)
        {
            request.A1 = Number(call[0].Member("stack")) + Number(call[0].Member("stack_size"));
            request.A2 = Pointer(call[0].Member("parent_tid"));
            request.A3 = Pointer(call[0].Member("child_tid"));
            request.A4 = Number(call[0].Member("tls"));
        }
        else if (call.Nr == (int)SyscallNr.Clone)
        {
            request.A1 = Number(call.Argument("child_stack"));
            request.A2 = Pointer(call.Argument("parent_tid") ?? call.Argument("parent_tidptr"));
            request.A3 = Pointer(call.Argument("child_tidptr"));
            request.A4 = Number(call.Argument("tls"));
        }

        plan.Make(request, childPid == call.Result.Value ? CallJudgement.Exact : CallJudgement.Outcome);
    }

    private static ulong Number(StraceValue? value) => value is { IsNumber: true } ? value.Number : 0;

    // strace shows the id that was stored there, as [12], where it can.
    private static ulong Pointer(StraceValue? value) => Number(value);
}
