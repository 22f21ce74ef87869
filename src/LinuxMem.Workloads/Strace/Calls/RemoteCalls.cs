using LinuxMem.Abi;
using LinuxMem.Workloads.Strace.Reading;

namespace LinuxMem.Workloads.Strace.Calls;

/// <summary>Calls on the memory of another process: process_vm_readv, process_vm_writev, process_madvise.</summary>
internal static class RemoteCalls
{
    /// <summary>Whether a call copies from or to the memory of a process.</summary>
    internal static bool Is(SyscallNr nr) => nr is SyscallNr.ProcessVmReadv or SyscallNr.ProcessVmWritev;

    /// <summary>Plans one of these.</summary>
    internal static void Plan(StraceEvent call, LoggedTask task, CallPlan plan)
    {
        bool isOfUnseen = call.Nr == (int)SyscallNr.ProcessMadvise && call.Result.Error != "EBADF"
            && task.Files.TryFind((int)call[0].Number, out Descriptor file) && file.Kind == DescriptorKind.StandIn;
        if (isOfUnseen)
        {
            plan.Skip("a process that the log does not show");
            return;
        }

        bool copies = call.Nr != (int)SyscallNr.ProcessMadvise;
        IReadOnlyList<IoVec>? local = Vectors(call[1], out bool allKnown);
        IReadOnlyList<IoVec>? remote = copies ? Vectors(call[3], out _) : null;
        bool understood = (local is not null || call[1].IsNumber)
            && (!copies || remote is not null || call[3].IsNumber);
        if (!understood)
        {
            plan.Skip("ranges that the log does not show");
            return;
        }

        plan.Make(SystemCalls.Numbers(call) with
        {
            A1 = call[1].Number,
            A3 = call[3].Number,
            Operands = new SyscallOperands
            {
                Vectors = local,
                RemoteVectors = remote,
                BuffersUnknown = !allKnown,
                Outgoing = call.Nr == (int)SyscallNr.ProcessVmWritev ? TransferCalls.Concatenated(call[1]) : default,
            },
        });
    }

    /// <summary>
    /// The ranges of a list of {iov_base=..., iov_len=...}; null if it is none. A base that is shown as contents is 0,
    /// and <paramref name="allKnown"/> false.
    /// </summary>
    internal static IReadOnlyList<IoVec>? Vectors(StraceValue list, out bool allKnown)
    {
        allKnown = true;
        if (list.Kind != StraceValueKind.Array || list.IsCut)
            return null;
        var vectors = new List<IoVec>(list.Items.Count);
        foreach (StraceField item in list.Items)
        {
            StraceValue? start = item.Value.Member("iov_base");
            StraceValue? length = item.Value.Member("iov_len");
            if (start is null || length is not { IsNumber: true })
                return null;
            allKnown &= start.IsNumber;
            vectors.Add(new IoVec(start.IsNumber ? start.Number : 0, length.Number));
        }

        return vectors;
    }
}
