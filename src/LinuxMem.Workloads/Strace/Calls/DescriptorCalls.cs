using LinuxMem.Abi;
using LinuxMem.Workloads.Strace.Planning;
using LinuxMem.Workloads.Strace.Reading;

namespace LinuxMem.Workloads.Strace.Calls;

/// <summary>Calls that make descriptors of others, or of what is no file.</summary>
internal static class DescriptorCalls
{
    private const ulong ClosesOnExec = 0x80000;

    private const ulong NonBlocking = 0x800;
    private const ulong GetStatus = 3, SetStatus = 4; // F_GETFL, F_SETFL

    /// <summary>The path of a descriptor of a pipe that the machine has.</summary>
    internal const string Pipe = "pipe";

    /// <summary>Plans dup, dup2, dup3 and fcntl.</summary>
    internal static void Plan(StraceEvent call, LoggedTask task, CallPlan plan)
    {
        const ulong duplicate = 0;
        const ulong duplicateAndClose = 1030;
        const ulong setFlags = 2;
        int fd = (int)call[0].Number;
        bool isFcntl = call.Nr == (int)SyscallNr.Fcntl;
        bool duplicates = !isFcntl || call[1] is { IsNumber: true, Number: duplicate or duplicateAndClose };
        if (!task.Files.TryFind(fd, out Descriptor file))
        {
            Unknown(call, plan);
            if (call.Result.IsSuccess && duplicates)
                MakeStandIn(call, task, "stream", false, plan);
            return;
        }

        if (!duplicates)
        {
            PlanFlags(call, task, fd, file, plan, call[1].Number == setFlags);
            return;
        }

        SyscallRequest request = SystemCalls.Numbers(call);
        if (!call.Result.IsSuccess)
        {
            plan.Make(request);
            return;
        }

        int made = (int)call.Result.Value;
        request.Operands = new SyscallOperands { WantedId = made };
        plan.Make(request, CallJudgement.Outcome);
        bool closes = isFcntl ? call[1].Number == duplicateAndClose
            : call.Nr == (int)SyscallNr.Dup3 && (call[2].Number & ClosesOnExec) != 0;
        task.Files.Add(made, file with { ClosesOnExec = closes });
    }

    /// <summary>Plans close_range.</summary>
    internal static void CloseRange(StraceEvent call, LoggedTask task, CallPlan plan)
    {
        plan.MakeUnjudged(SystemCalls.Numbers(call), "ranges of descriptors");
        const ulong onlyMarks = 4;
        if (!call.Result.IsSuccess || (call[2].Number & onlyMarks) != 0)
            return;
        for (int fd = (int)call[0].Number; fd <= (int)Math.Min(call[1].Number, 65535); fd++)
            task.Files.Remove(fd);
    }

    /// <summary>Plans a call that makes a descriptor of what is no file; false if it is none of those.</summary>
    internal static bool TryPlanStandIn(StraceEvent call, LoggedTask task, CallPlan plan)
    {
        string? kind = (SyscallNr)call.Nr switch
        {
            SyscallNr.Socket or SyscallNr.Accept or SyscallNr.Accept4 => "socket",
            SyscallNr.EpollCreate or SyscallNr.EpollCreate1 or SyscallNr.Eventfd or SyscallNr.Eventfd2
                or SyscallNr.Signalfd or SyscallNr.Signalfd4 or SyscallNr.TimerfdCreate or SyscallNr.InotifyInit
                or SyscallNr.InotifyInit1 or SyscallNr.FanotifyInit or SyscallNr.Bpf or SyscallNr.MqOpen
                or SyscallNr.OpenByHandleAt or SyscallNr.Openat2 or SyscallNr.PidfdOpen => "anonymous",
            SyscallNr.PerfEventOpen => "memory",
            SyscallNr.Pipe or SyscallNr.Pipe2 => "pipe",
            SyscallNr.Socketpair => "socket",
            _ => null,
        };
        if (kind is null)
            return false;
        if (!call.Result.IsSuccess)
        {
            plan.Skip("a descriptor that is not made");
            return true;
        }

        if ((SyscallNr)call.Nr is SyscallNr.Pipe or SyscallNr.Pipe2 or SyscallNr.Socketpair)
            Pair(call, task, kind, plan);
        else if (call.Nr == (int)SyscallNr.Bpf && call.Result.Value == 0)
            plan.Skip("no effect on memory or files");
        else
            MakeStandIn(call, task, kind, (FlagsOf(call) & ClosesOnExec) != 0, plan);
        return true;
    }

    /// <summary>Plans a call on a descriptor that the log does not show being made.</summary>
    internal static void Unknown(StraceEvent call, CallPlan plan)
    {
        if (call.Result.Error == "EBADF")
            plan.Make(SystemCalls.Numbers(call));
        else
            plan.Skip("a descriptor from before the log");
    }

    private static void PlanFlags(StraceEvent call, LoggedTask task, int fd, in Descriptor file, CallPlan plan,
        bool sets)
    {
        if (sets)
            task.Files.Add(fd, file with { ClosesOnExec = (call[2].Number & 1) != 0 });
        const ulong getFd = 1;
        if (call[1] is { IsNumber: true, Number: getFd } && file.Kind != DescriptorKind.StandIn)
        {
            plan.Make(SystemCalls.Numbers(call));
            return;
        }

        if (call[1] is { IsNumber: true, Number: GetStatus or SetStatus } && file.Kind != DescriptorKind.StandIn)
        {
            PlanStatus(call, file, plan);
            return;
        }

        if (call[1].IsNumber && LockCalls.Concerns(call[1].Number))
        {
            LockCalls.PlanRange(call, file, plan);
            return;
        }

        bool seals = call[1] is { IsNumber: true, Number: 1033 or 1034 };
        bool sizes = call[1] is { IsNumber: true, Number: 1031 or 1032 };
        if (sizes && file is { Kind: DescriptorKind.Known, Path: Pipe })
        {
            plan.Make(SystemCalls.Numbers(call));
            return;
        }

        if (!sets && !(seals && file.Kind == DescriptorKind.Known))
        {
            plan.Skip("flags and locks of descriptors");
            return;
        }

        plan.Make(SystemCalls.Numbers(call));
        if (!seals)
            FileCalls.JudgeAs(file, plan);
    }

    // A pipe that the machine has is one on which nobody waits (MakePipe).
    private static void PlanStatus(StraceEvent call, in Descriptor file, CallPlan plan)
    {
        SyscallRequest request = SystemCalls.Numbers(call);
        bool isPipe = file is { Kind: DescriptorKind.Known, Path: Pipe };
        if (call[1].Number == SetStatus && isPipe)
            request.A2 |= NonBlocking;
        const ulong noTime = 0x40000; // O_NOATIME, which is for the owner
        if (call[1].Number == GetStatus && isPipe)
            plan.MakeUnjudged(request, "a pipe on which nobody waits");
        else if (call[1].Number == SetStatus && (call[2].Number & noTime) != 0 && file.Kind == DescriptorKind.Outside)
            plan.MakeUnjudged(request, "a file from outside");
        else
            plan.Make(request);
    }

    private static void MakeStandIn(StraceEvent call, LoggedTask task, string kind, bool closes, CallPlan plan)
    {
        int fd = (int)call.Result.Value;
        // These are open for reading alone; all others for both.
        bool readOnly = (SyscallNr)call.Nr is SyscallNr.InotifyInit or SyscallNr.InotifyInit1 or SyscallNr.Userfaultfd;
        ulong access = readOnly ? 0UL : 2;
        SyscallRequest request = FileFacts.StandIn(fd, kind, closes ? access | ClosesOnExec : access);
        task.Files.Add(fd, new Descriptor(DescriptorKind.StandIn, kind, closes));
        if (kind != "memory")
        {
            plan.MakeUnjudged(request, "a stand-in for what is no file");
            return;
        }

        plan.Miss();
        plan.First.Add(request);
    }

    private static void Pair(StraceEvent call, LoggedTask task, string kind, CallPlan plan)
    {
        int at = call.Nr == (int)SyscallNr.Socketpair ? 3 : 0;
        StraceValue pair = call[at];
        if (pair.Kind != StraceValueKind.Array || pair.Items.Count != 2)
        {
            plan.Skip("descriptors that the log does not show");
            return;
        }

        bool closes = (FlagsOf(call) & ClosesOnExec) != 0;
        ulong flags = closes ? ClosesOnExec : 0;
        bool isPipe = kind == "pipe";
        int first = (int)pair.Items[0].Value.Number;
        int second = (int)pair.Items[1].Value.Number;
        if (task.Guide is not null && call.Nr is (int)SyscallNr.Pipe or (int)SyscallNr.Pipe2)
        {
            MakePipe(first, second, task, plan, 0);
            return;
        }

        if (isPipe && !task.Space.IsShared && !task.SharesFiles && OwnPipe.Is(task.Script, first, second))
        {
            const ulong packets = 0x4000; // O_DIRECT
            MakePipe(first, second, task, plan, flags | (call[1].IsNumber ? call[1].Number & packets : 0));
            return;
        }

        plan.MakeUnjudged(FileFacts.StandIn(first, kind, flags | (isPipe ? 0UL : 2)), "a stand-in for what is no file");
        plan.Then.Add(FileFacts.StandIn(second, kind, flags | (isPipe ? 1UL : 2)));
        task.Files.Add(first, new Descriptor(DescriptorKind.StandIn, kind, closes));
        task.Files.Add(second, new Descriptor(DescriptorKind.StandIn, kind, closes));
    }

    // Where the addresses of buffers are known, or the pipe is one task's alone, what passes through it is worth a real
    // one. A read that finds nothing is a mismatch then, not a wait without end.
    private static void MakePipe(int reader, int writer, LoggedTask task, CallPlan plan, ulong flags)
    {
        bool closes = (flags & ClosesOnExec) != 0;
        plan.Make(new SyscallRequest
        {
            Nr = SyscallNr.Pipe2,
            A1 = NonBlocking | flags,
            Operands = new SyscallOperands { WantedId = reader, WantedId2 = writer, BuffersUnknown = true },
        });
        task.Files.Add(reader, new Descriptor(DescriptorKind.Known, Pipe, closes));
        task.Files.Add(writer, new Descriptor(DescriptorKind.Known, Pipe, closes));
    }

    // Where flags are, "CLOEXEC" in any of its spellings is the same bit.
    private static ulong FlagsOf(StraceEvent call)
    {
        foreach (StraceField argument in call.Arguments)
        {
            if (argument.Value.Raw.Span.IndexOf("CLOEXEC"u8) >= 0)
                return ClosesOnExec;
        }

        return 0;
    }
}
