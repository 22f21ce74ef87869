using LinuxMem.Abi;
using LinuxMem.Workloads.Strace.Reading;

namespace LinuxMem.Workloads.Strace.Calls;

/// <summary>
/// Calls that move bytes between files and pipes, past the caller's memory or with its pages: splice, tee, vmsplice,
/// sendfile, copy_file_range.
/// </summary>
internal static class PipeMoves
{
    private const string StandIn = "a stand-in for what is no file";

    // Stands for an address that a log shows what lies at.
    private const ulong SomeAddress = 0x1000;

    /// <summary>Plans one of these; false if the call is another.</summary>
    internal static bool TryPlan(StraceEvent call, LoggedTask task, GuideHints hints, CallPlan plan)
    {
        switch ((SyscallNr)call.Nr)
        {
            case SyscallNr.Splice:
                Between(call, task, new Ends(From: 0, FromOffset: 1, To: 2, ToOffset: 3, Count: 4), plan);
                return true;
            case SyscallNr.CopyFileRange:
                Between(call, task, new Ends(From: 0, FromOffset: 1, To: 2, ToOffset: 3, Count: 4), plan);
                return true;
            case SyscallNr.Sendfile:
                Between(call, task, new Ends(From: 1, FromOffset: 2, To: 0, ToOffset: -1, Count: 3), plan);
                return true;
            case SyscallNr.Tee:
                Between(call, task, new Ends(From: 0, FromOffset: -1, To: 1, ToOffset: -1, Count: 2), plan);
                return true;
            case SyscallNr.Vmsplice:
                WithMemory(call, task, hints, plan);
                return true;
            default:
                return false;
        }
    }

    private static void Between(StraceEvent call, LoggedTask task, in Ends ends, CallPlan plan)
    {
        bool hasFrom = task.Files.TryFind((int)call[ends.From].Number, out Descriptor from);
        bool hasTo = task.Files.TryFind((int)call[ends.To].Number, out Descriptor to);
        SyscallRequest request = Request(call, ends);
        bool isRefusedAtOnce = call.Result.Error is "EBADF" or "EFAULT" || call[ends.Count].Number == 0;
        if (!hasFrom || !hasTo)
        {
            if (isRefusedAtOnce)
                plan.Make(request);
            else
                plan.Skip("a descriptor from before the log");
            return;
        }

        bool isWhole = from.Kind != DescriptorKind.StandIn && to.Kind != DescriptorKind.StandIn;
        if (!isWhole)
        {
            Half(call, ends, from, to, plan);
            return;
        }

        bool isForeseen = IsForeseen(from) && IsForeseen(to);
        if (isForeseen)
        {
            plan.Make(request);
            return;
        }

        // Of a file from outside, the log tells how much there was.
        if (call.Result is { IsSuccess: true, Value: > 0 })
            Set(ref request, ends.Count, (ulong)call.Result.Value);
        plan.MakeUnjudged(request, "a file from outside");
    }

    // What is known of one end alone: a file gets, or gives, as many bytes as the log says.
    private static void Half(StraceEvent call, in Ends ends, in Descriptor from, in Descriptor to, CallPlan plan)
    {
        bool isFrom = from.Kind != DescriptorKind.StandIn;
        bool isTo = to.Kind != DescriptorKind.StandIn;
        if (call.Result is not { IsSuccess: true, Value: > 0 } || !(isFrom || isTo)
            || call.Nr == (int)SyscallNr.Tee)
        {
            plan.Skip(StandIn);
            return;
        }

        int place = isFrom ? ends.FromOffset : ends.ToOffset;
        bool isPlaced = place >= 0 && call[place].Kind == StraceValueKind.Array;
        plan.MakeUnjudged(new SyscallRequest
        {
            Nr = (isFrom, isPlaced) switch
            {
                (true, true) => SyscallNr.Pread64,
                (true, false) => SyscallNr.Read,
                (false, true) => SyscallNr.Pwrite64,
                (false, false) => SyscallNr.Write,
            },
            A0 = call[isFrom ? ends.From : ends.To].Number,
            A2 = (ulong)call.Result.Value,
            A3 = isPlaced ? call[place].Items[0].Value.Number : 0,
            Operands = new SyscallOperands { BuffersUnknown = true },
        }, StandIn);
    }

    private static void WithMemory(StraceEvent call, LoggedTask task, GuideHints hints, CallPlan plan)
    {
        bool isThere = task.Files.TryFind((int)call[0].Number, out Descriptor pipe);
        IReadOnlyList<IoVec>? vectors = RemoteCalls.Vectors(call[1], out bool allKnown);
        if (vectors is [var range] && !allKnown && hints.Buffer is { } address)
        {
            vectors = [range with { Base = address }];
            allKnown = true;
        }

        if (!isThere && call.Result.Error != "EBADF")
            plan.Skip("a descriptor from before the log");
        else if (isThere && pipe.Kind == DescriptorKind.StandIn)
            plan.Skip(StandIn);
        else if (vectors is null && !call[1].IsNumber)
            plan.Skip("ranges that the log does not show");
        else if (vectors is not null && !allKnown && call.Result.Error == "EFAULT")
            // Memory that may be read, since strace has, and not be written: where, only the address would tell.
            plan.Skip("a buffer at an unknown address");
        else
            plan.Make(SystemCalls.Numbers(call) with
            {
                Operands = new SyscallOperands
                {
                    Vectors = vectors,
                    BuffersUnknown = vectors is not null && !allKnown,
                    Outgoing = TransferCalls.Concatenated(call[1]),
                },
            });
    }

    private static bool IsForeseen(in Descriptor file) => file.Kind == DescriptorKind.Known || file.IsSized;

    private static SyscallRequest Request(StraceEvent call, in Ends ends)
    {
        SyscallRequest request = SystemCalls.Numbers(call);
        var words = new List<ulong>();
        bool isShown = true;
        foreach (int place in (ReadOnlySpan<int>)[ends.FromOffset, ends.ToOffset])
        {
            if (place < 0)
                continue;
            bool isTold = call[place].Kind == StraceValueKind.Array && call[place].Items.Count > 0;
            words.Add(isTold ? call[place].Items[0].Value.Number : 0);
            if (isTold)
                Set(ref request, place, SomeAddress);
            else
                isShown &= call[place].Number == 0;
        }

        // An address that cannot be read is shown as it is.
        request.Operands = isShown ? new SyscallOperands { Words = words, BuffersUnknown = true } : null;
        return request;
    }

    private static void Set(ref SyscallRequest request, int argument, ulong value) => _ = argument switch
    {
        1 => request.A1 = value,
        2 => request.A2 = value,
        3 => request.A3 = value,
        _ => request.A4 = value,
    };

    /// <summary>The places of the arguments; -1 for one that a call does not have.</summary>
    private readonly record struct Ends(int From, int FromOffset, int To, int ToOffset, int Count);
}
