using LinuxMem.Abi;
using LinuxMem.Workloads.Strace.Reading;

namespace LinuxMem.Workloads.Strace.Calls;

/// <summary>prlimit64, setrlimit, getrlimit: a structure of two numbers, {rlim_cur=8192*1024, rlim_max=...}.</summary>
internal static class LimitCalls
{
    /// <summary>Plans one of these.</summary>
    internal static void Plan(StraceEvent call, CallPlan plan)
    {
        var nr = (SyscallNr)call.Nr;
        int resource = nr == SyscallNr.Prlimit64 ? 1 : 0;
        StraceValue wanted = nr == SyscallNr.Getrlimit ? StraceValue.None : call[resource + 1];
        SyscallRequest request = SystemCalls.Numbers(call);
        IReadOnlyList<ulong>? words = null;
        if (wanted.Kind == StraceValueKind.Structure)
        {
            if (wanted.Member("rlim_cur") is not { IsNumber: true } soft
                || wanted.Member("rlim_max") is not { IsNumber: true } hard)
            {
                plan.Skip("a limit that the log does not show");
                return;
            }

            words = [soft.Number, hard.Number];
        }

        bool hasBuffer = call[resource + 1].IsNumber && (nr != SyscallNr.Prlimit64 || call[3].IsNumber);
        // Whether there is a structure is told by the register: any address will do where no memory is touched.
        const ulong somewhere = 8;
        if (call[resource + 1].Kind == StraceValueKind.Structure)
            Set(ref request, resource + 1, somewhere);
        if (nr == SyscallNr.Prlimit64 && call[3].Kind == StraceValueKind.Structure)
            request.A3 = somewhere;
        request.Operands = new SyscallOperands { Words = words, BuffersUnknown = !hasBuffer };
        plan.Make(request);
    }

    private static void Set(ref SyscallRequest request, int index, ulong value)
    {
        if (index == 1)
            request.A1 = value;
        else
            request.A2 = value;
    }
}
