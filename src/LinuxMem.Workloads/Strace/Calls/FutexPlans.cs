using LinuxMem.Abi;
using LinuxMem.Workloads.Strace.Reading;

namespace LinuxMem.Workloads.Strace.Calls;

/// <summary>
/// futex: what its arguments decide is compared, and what nobody else has a part in. Nobody waits in a replay: when the
/// log shows the end of a wait, it is over.
/// </summary>
internal static class FutexPlans
{
    private const ulong Private = 128, ClockRealtime = 256;
    private const string Hidden = "the word of a futex, which the log does not show";
    private const string Others = "who waits at a futex at that moment, which the log does not tell";
    private const string Locks = "a lock whose word changes without a call";

    private enum Operation
    {
        Wait = 0,
        Wake = 1,
        Requeue = 3,
        CompareRequeue = 4,
        WakeOp = 5,
        WaitBitset = 9,
        WakeBitset = 10,
    }

    /// <summary>Plans one; false if the call is another.</summary>
    internal static bool TryPlan(StraceEvent call, LoggedTask task, CallPlan plan)
    {
        if (call.Nr != (int)SyscallNr.Futex || !call[1].IsNumber)
            return false;
        var operation = (Operation)((uint)call[1].Number & ~(Private | ClockRealtime));
        SyscallRequest request = Request(call, operation);
        bool isRefused = call.Result.Error is "EINVAL" or "ENOSYS" or "EFAULT";
        bool waits = operation is Operation.Wait or Operation.WaitBitset;
        if (isRefused)
            plan.Make(request);
        else if (waits && call.Result.Error == "ETIMEDOUT")
            plan.Make(request);
        else if (waits || call.Result.Error is "EAGAIN" or "EINTR")
            plan.Skip(call.Result.Error == "EAGAIN" ? Hidden : Others);
        else if (!Enum.IsDefined(operation))
            plan.Skip(Locks);
        else if (operation is Operation.CompareRequeue or Operation.WakeOp)
            plan.Skip(Hidden);
        else if (task.Space.IsShared && call.Result.Value != 0)
            plan.Skip(Others);
        else
            plan.Make(request);
        return true;
    }

    // The moment when a wait ended is now; one that is no time stays what it is.
    private static SyscallRequest Request(StraceEvent call, Operation operation)
    {
        SyscallRequest request = SystemCalls.Numbers(call);
        bool hasTime = operation is Operation.Wait or Operation.WaitBitset
            && call[3].Kind == StraceValueKind.Structure;
        if (hasTime)
        {
            const ulong secondNs = 1_000_000_000;
            ulong seconds = call[3].Member("tv_sec")?.Number ?? 0;
            ulong nanoseconds = call[3].Member("tv_nsec")?.Number ?? 0;
            bool isTime = (long)seconds >= 0 && nanoseconds < secondNs;
            request.A3 = 0;
            request.Operands = new SyscallOperands { Words = isTime ? [0, 1] : [seconds, nanoseconds] };
        }

        // strace leaves out what an operation does not look at.
        if (operation == Operation.WaitBitset)
            request.A5 = call[call.Arguments.Count - 1].Number;
        else if (operation == Operation.WakeBitset)
            (request.A3, request.A5) = (0, call[call.Arguments.Count - 1].Number);
        return request;
    }
}
