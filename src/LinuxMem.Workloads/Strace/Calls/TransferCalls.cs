using LinuxMem.Abi;
using LinuxMem.Workloads.Strace.Reading;

namespace LinuxMem.Workloads.Strace.Calls;

/// <summary>read, write and their kin.</summary>
internal static class TransferCalls
{
    /// <summary>Whether a call is one of these.</summary>
    internal static bool Is(SyscallNr nr) => nr is SyscallNr.Read or SyscallNr.Pread64 or SyscallNr.Write
        or SyscallNr.Pwrite64 or SyscallNr.Readv or SyscallNr.Writev or SyscallNr.Preadv or SyscallNr.Pwritev
        or SyscallNr.Preadv2 or SyscallNr.Pwritev2;

    /// <summary>Plans one of these.</summary>
    internal static void Plan(StraceEvent call, LoggedTask task, GuideHints hints, CallPlan plan)
    {
        if (!task.Files.TryFind((int)call[0].Number, out Descriptor file))
        {
            DescriptorCalls.Unknown(call, plan);
            return;
        }

        var nr = (SyscallNr)call.Nr;
        bool vectored = nr is SyscallNr.Readv or SyscallNr.Writev or SyscallNr.Preadv or SyscallNr.Pwritev
            or SyscallNr.Preadv2 or SyscallNr.Pwritev2;
        if (vectored)
            PlanVectors(call, plan);
        else
            PlanBuffer(call, file, hints, plan);
        if (plan.Action != CallAction.Make)
            return;
        FileCalls.JudgeAs(file, plan);
        // How long a text of /proc is depends on device and inode numbers; its lines are compared by themselves.
        if (plan.Judgement == CallJudgement.Exact && FileFacts.IsOfKernel(file.Path))
            plan.Judgement = CallJudgement.Outcome;
    }

    private static void PlanBuffer(StraceEvent call, in Descriptor file, GuideHints hints, CallPlan plan)
    {
        SyscallRequest request = SystemCalls.Numbers(call);
        ReadOnlyMemory<byte> bytes = call[1].Bytes;
        bool reads = (SyscallNr)call.Nr is SyscallNr.Read or SyscallNr.Pread64;
        ulong? address = call[1].IsNumber ? call[1].Number : hints.Buffer;
        if (address is { } known)
            request.A1 = known;
        // A transfer with a stand-in moves nothing but what passes through the buffer.
        if (file.Kind == DescriptorKind.StandIn && address is null)
        {
            plan.Skip("what is no file, and a buffer that is not known");
            return;
        }

        request.Operands = new SyscallOperands
        {
            BuffersUnknown = address is null,
            Outgoing = reads ? default : bytes,
            Incoming = reads && file.Kind != DescriptorKind.Known ? bytes : null,
            WantsCopied = address is not null,
        };
        plan.Make(request);
    }

    private static void PlanVectors(StraceEvent call, CallPlan plan)
    {
        IReadOnlyList<IoVec>? vectors = RemoteCalls.Vectors(call[1], out bool allKnown);
        if (vectors is null && !call[1].IsNumber)
        {
            plan.Skip("ranges that the log does not show");
            return;
        }

        SyscallRequest request = SystemCalls.Numbers(call);
        // Of the two halves of the position strace makes one, so that the flags move up.
        if ((SyscallNr)call.Nr is SyscallNr.Preadv2 or SyscallNr.Pwritev2 && call.Arguments.Count == 5)
            (request.A4, request.A5) = (0, call[4].Number);
        request.Operands = new SyscallOperands
        {
            Vectors = vectors,
            BuffersUnknown = vectors is not null && !allKnown,
            Outgoing = Concatenated(call[1]),
        };
        plan.Make(request);
    }

    /// <summary>What the ranges of a list hold, as far as they are shown; zeros for the rest.</summary>
    internal static byte[] Concatenated(StraceValue vectors)
    {
        var bytes = new List<byte>();
        foreach (StraceField item in vectors.Items)
        {
            StraceValue? start = item.Value.Member("iov_base");
            StraceValue? length = item.Value.Member("iov_len");
            if (start is null || length is not { IsNumber: true, Number: < 1 << 26 })
                continue;
            bytes.AddRange(start.Bytes);
            for (ulong i = (ulong)start.Bytes.Length; i < length.Number; i++)
                bytes.Add(0);
        }

        return [.. bytes];
    }
}
