using LinuxMem.Abi;
using LinuxMem.Workloads.Strace.Reading;

namespace LinuxMem.Workloads.Strace.Calls;

/// <summary>flock, and locks of fcntl.</summary>
/// <remarks>
/// Nobody waits in a replay: a wait has found the lock free when the log shows its end. Who held it then, and whether
/// that one's call had ended, the log does not tell: where a call was split, its answer is not compared.
/// </remarks>
internal static class LockCalls
{
    private const ulong NonBlocking = 4, Unlock = 8;
    private const ulong SomeAddress = 0x1000;

    /// <summary>Whether a command of fcntl is about locks.</summary>
    internal static bool Concerns(ulong command) => command is >= 5 and <= 7 or >= 36 and <= 38;

    /// <summary>Plans flock.</summary>
    internal static void PlanFlock(StraceEvent call, LoggedTask task, CallPlan plan)
    {
        if (!task.Files.TryFind((int)call[0].Number, out Descriptor file))
        {
            DescriptorCalls.Unknown(call, plan);
            return;
        }

        SyscallRequest request = SystemCalls.Numbers(call);
        if ((request.A1 & Unlock) == 0)
            request.A1 |= NonBlocking;
        Judge(call, request, file, plan);
    }

    /// <summary>Plans a command of fcntl on a descriptor that is known.</summary>
    internal static void PlanRange(StraceEvent call, in Descriptor file, CallPlan plan)
    {
        SyscallRequest request = SystemCalls.Numbers(call);
        request.A1 = call[1].Number switch { 7 => 6, 38 => 37, _ => call[1].Number };
        StraceValue shown = call[2];
        if (shown.Kind == StraceValueKind.Structure)
        {
            if (shown.Member("l_type") is not { IsNumber: true } type
                || shown.Member("l_whence") is not { IsNumber: true } whence
                || shown.Member("l_start") is not { IsNumber: true } start
                || shown.Member("l_len") is not { IsNumber: true } length)
            {
                plan.Skip("flags and locks of descriptors");
                return;
            }

            // Of a question that was answered, the answer is shown: what is free was asked for as to be written.
            bool asks = call[1].Number is 5 or 36;
            const ulong write = 1, free = 2;
            ulong kind = asks && call.Result.IsSuccess && type.Number == free ? write : (ushort)type.Number;
            request.A2 = SomeAddress;
            request.Operands = new SyscallOperands
            {
                Words = [kind | (ulong)(ushort)whence.Number << 16, start.Number, length.Number, 0],
                BuffersUnknown = true,
            };
        }

        Judge(call, request, file, plan);
    }

    private static void Judge(StraceEvent call, in SyscallRequest request, in Descriptor file, CallPlan plan)
    {
        bool isOthers = call.Result.Error is "EAGAIN" or "EACCES" && file.Kind != DescriptorKind.Known;
        if (call.Line != call.EndLine || isOthers || call.Result.Error is "EINTR" or "EDEADLK")
            plan.MakeUnjudged(request, "a lock that others may hold");
        else
            plan.Make(request);
    }
}
