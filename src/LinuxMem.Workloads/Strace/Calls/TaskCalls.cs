using LinuxMem.Abi;
using LinuxMem.Workloads.Strace.Planning;
using LinuxMem.Workloads.Strace.Reading;

namespace LinuxMem.Workloads.Strace.Calls;

/// <summary>The calls that wait for children.</summary>
internal static class TaskCalls
{
    private const ulong NoHang = 1;

    /// <summary>Plans wait4.</summary>
    internal static void PlanWait(StraceEvent call, CallPlan plan)
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
            A0 = found ? (ulong)result.Value : call[0].Number,
            A2 = call[2].Number | (found ? 0 : NoHang),
        });
    }

    /// <summary>Plans waitid: as the wait4 that reaps the same child.</summary>
    internal static void PlanWaitId(StraceEvent call, CallPlan plan)
    {
        StraceValue? pid = call[2].Member("si_pid");
        bool reaps = call.Result.IsSuccess && pid is { IsNumber: true, Number: > 0 }
            && !call[3].ToString().Contains("WNOWAIT", StringComparison.Ordinal)
            && !call[2].ToString().Contains("CLD_STOPPED", StringComparison.Ordinal)
            && !call[2].ToString().Contains("CLD_CONTINUED", StringComparison.Ordinal);
        if (!reaps)
        {
            plan.Skip("a wait that reaps no child");
            return;
        }

        plan.MakeUnjudged(new SyscallRequest { Nr = SyscallNr.Wait4, A0 = pid!.Number }, "made as wait4");
    }

    /// <summary>Plans fork and its kin; the child's program is <paramref name="child"/>.</summary>
    internal static void PlanClone(StraceEvent call, IProgram child, CallPlan plan)
    {
        var request = new SyscallRequest
        {
            Nr = SyscallNr.Clone,
            A0 = (ulong)CloneCall.FlagsOf(call) | (ulong)CloneCall.SignalOf(call),
            Child = child,
            ChildPid = (int)call.Result.Value,
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

        plan.Make(request);
    }

    private static ulong Number(StraceValue? value) => value is { IsNumber: true } ? value.Number : 0;

    // strace shows the id that was stored there, as [12], where it can.
    private static ulong Pointer(StraceValue? value) => Number(value);
}
