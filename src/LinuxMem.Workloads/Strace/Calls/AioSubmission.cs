using LinuxMem.Abi;
using LinuxMem.Workloads.Strace.Reading;

namespace LinuxMem.Workloads.Strace.Calls;

/// <summary>io_submit: its requests to write are made as pwrite64, so that files have their contents.</summary>
internal static class AioSubmission
{
    /// <summary>Plans it.</summary>
    internal static void Plan(StraceEvent call, LoggedTask task, CallPlan plan)
    {
        var writes = new List<SyscallRequest>();
        long taken = call.Result.IsSuccess ? call.Result.Value : 0;
        foreach (StraceField item in call[2].Items)
        {
            if (taken-- > 0 && Write(item.Value, task) is { } write)
                writes.Add(write);
        }

        if (writes.Count == 0)
        {
            plan.Skip("requests that write no file of the machine");
            return;
        }

        plan.MakeUnjudged(writes[0], "made as pwrite64");
        plan.Then.AddRange(writes.Skip(1));
    }

    private static SyscallRequest? Write(StraceValue request, LoggedTask task)
    {
        if (request.Member("aio_lio_opcode")?.ToString() != "IOCB_CMD_PWRITE"
            || request.Member("aio_fildes") is not { IsNumber: true } fd
            || request.Member("aio_nbytes") is not { IsNumber: true } bytes
            || request.Member("aio_offset") is not { IsNumber: true } offset
            || !task.Files.TryFind((int)fd.Number, out Descriptor file) || file.Kind != DescriptorKind.Known)
            return null;
        return new SyscallRequest
        {
            Nr = SyscallNr.Pwrite64,
            A0 = fd.Number,
            A2 = bytes.Number,
            A3 = offset.Number,
            Operands = new SyscallOperands
            {
                BuffersUnknown = true,
                Outgoing = request.Member("aio_buf")?.Bytes ?? default,
            },
        };
    }
}
