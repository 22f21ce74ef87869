using LinuxMem.Abi;
using LinuxMem.Workloads.Strace.Reading;

namespace LinuxMem.Workloads.Strace.Calls;

/// <summary>
/// ioctl with what concerns every descriptor: FIOCLEX and FIONCLEX, by which whole descriptors are gone after execve,
/// and FIONBIO, which is among the flags that fcntl shows.
/// </summary>
internal static class IoctlPlans
{
    private const uint NotCloseOnExec = 0x5450, CloseOnExec = 0x5451, NonBlocking = 0x5421;

    /// <summary>The command's number; null if it is another one.</summary>
    internal static uint? CommandOf(StraceEvent call)
    {
        StraceValue command = call[1];
        if (command.IsNumber)
            return command.Number is NotCloseOnExec or CloseOnExec or NonBlocking ? (uint)command.Number : null;
        return command.ToString() switch
        {
            "FIONCLEX" => NotCloseOnExec,
            "FIOCLEX" => CloseOnExec,
            "FIONBIO" => NonBlocking,
            _ => null,
        };
    }

    /// <summary>Plans one of these.</summary>
    internal static void Plan(StraceEvent call, uint command, LoggedTask task, CallPlan plan)
    {
        int fd = (int)call[0].Number;
        SyscallRequest request = SystemCalls.Numbers(call) with { A1 = command };
        if (!task.Files.TryFind(fd, out Descriptor file))
        {
            if (call.Result.Error == "EBADF")
                plan.Make(request);
            else
                plan.Skip("a descriptor from before the log");
            return;
        }

        if (command == NonBlocking)
        {
            PlanWaiting(call, request, file, plan);
            return;
        }

        if (call.Result.IsSuccess)
            task.Files.Add(fd, file with { ClosesOnExec = command == CloseOnExec });
        plan.Make(request);
        FileCalls.JudgeAs(file, plan);
    }

    private static void PlanWaiting(StraceEvent call, SyscallRequest request, in Descriptor file, CallPlan plan)
    {
        if (file.Kind == DescriptorKind.StandIn)
        {
            plan.Skip("flags and locks of descriptors");
            return;
        }

        // Nobody waits at a pipe that the machine has (DescriptorCalls.MakePipe).
        bool isPipe = file is { Kind: DescriptorKind.Known, Path: DescriptorCalls.Pipe };
        if (call[2].Items is [{ Value: { IsNumber: true } word }])
            request.Operands = new SyscallOperands { Words = [isPipe ? 1 : word.Number] };
        plan.Make(request);
    }
}
