using LinuxMem.Abi;
using LinuxMem.Workloads.Strace.Reading;

namespace LinuxMem.Workloads.Strace.Calls;

/// <summary>userfaultfd, and the ioctls on it whose structures strace shows.</summary>
internal static class UserfaultCalls
{
    private const string Kind = "userfaultfd";
    private const ulong ClosesOnExec = 0x80000;

    /// <summary>Plans one of these; false if the call is another.</summary>
    internal static bool TryPlan(StraceEvent call, LoggedTask task, CallPlan plan)
    {
        switch ((SyscallNr)call.Nr)
        {
            case SyscallNr.Userfaultfd when call[0].IsNumber:
                Make(call, task, plan);
                return true;
            case SyscallNr.Ioctl when task.Files.TryFind((int)call[0].Number, out Descriptor file)
                && file.Path == Kind && IoctlPlans.CommandOf(call) is null:
                Control(call, plan);
                return true;
            default:
                return false;
        }
    }

    private static void Make(StraceEvent call, LoggedTask task, CallPlan plan)
    {
        SyscallRequest request = SystemCalls.Numbers(call);
        if (call.Result.IsSuccess)
        {
            int fd = (int)call.Result.Value;
            request.Operands = new SyscallOperands { WantedId = fd };
            // What is read from it depends on accesses that no log shows.
            task.Files.Add(fd, new Descriptor(DescriptorKind.StandIn, Kind, (call[0].Number & ClosesOnExec) != 0));
        }

        plan.Make(request, CallJudgement.Outcome);
    }

    private static void Control(StraceEvent call, CallPlan plan)
    {
        (uint command, List<ulong>? words) = call[1].ToString() switch
        {
            "UFFDIO_API" => (0xc018_aa3f, Words(call[2], "api", "features")),
            "UFFDIO_REGISTER" => (0xc020_aa00U, Ranged(call[2], "mode")),
            "UFFDIO_UNREGISTER" => (0x8010_aa01, Words(call[2], "start", "len")),
            "UFFDIO_WAKE" => (0x8010_aa02, Words(call[2], "start", "len")),
            "UFFDIO_COPY" => (0xc028_aa03, Words(call[2], "dst", "src", "len", "mode")),
            "UFFDIO_ZEROPAGE" => (0xc020_aa04U, Ranged(call[2], "mode")),
            "UFFDIO_WRITEPROTECT" => (0xc018_aa06U, Ranged(call[2], "mode")),
            "UFFDIO_CONTINUE" => (0xc020_aa07U, Ranged(call[2], "mode")),
            _ => (0U, null),
        };
        if (words is null)
        {
            plan.Skip("a structure that the log does not show");
            return;
        }

        SyscallRequest request = SystemCalls.Numbers(call) with { A1 = command };
        request.Operands = new SyscallOperands { Words = words, BuffersUnknown = true };
        plan.Make(request);
    }

    private static List<ulong>? Ranged(StraceValue structure, string last) =>
        structure.Member("range") is { } range && Words(range, "start", "len") is { } words
            && Words(structure, last) is { } more ? [.. words, .. more] : null;

    private static List<ulong>? Words(StraceValue structure, params ReadOnlySpan<string> names)
    {
        var words = new List<ulong>(names.Length);
        foreach (string name in names)
        {
            if (structure.Member(name) is not { IsNumber: true } value)
                return null;
            words.Add(value.Number);
        }

        return words;
    }
}
