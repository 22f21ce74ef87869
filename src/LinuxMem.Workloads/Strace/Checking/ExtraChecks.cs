using System.Globalization;
using LinuxMem.Abi;
using LinuxMem.Workloads.Strace.Calls;
using LinuxMem.Workloads.Strace.Reading;

namespace LinuxMem.Workloads.Strace.Checking;

/// <summary>
/// What a log shows beyond the answers (CheckLevel.All): bytes that were read from and written to mapped memory,
/// residency, fault counts, texts of /proc.
/// </summary>
internal static class ExtraChecks
{
    /// <summary>Compares what the call copied with what the log shows.</summary>
    /// <returns>Nothing if there is nothing to compare; else whether it is equal, and both sides where not.</returns>
    internal static (bool IsEqual, string Expected, string Actual)? Compare(
        StraceEvent call, SyscallOperands? operands, LoggedTask task)
    {
        if (operands is null || !call.Result.IsSuccess)
            return null;
        return (SyscallNr)call.Nr switch
        {
            SyscallNr.Read or SyscallNr.Pread64 or SyscallNr.Write or SyscallNr.Pwrite64 =>
                Transfer(call, operands, task),
            SyscallNr.Mincore => Residency(call, operands),
            SyscallNr.Getrusage => Usage(call, operands, task),
            SyscallNr.Wait4 => WaitStatus.Compare(call, operands),
            _ => null,
        };
    }

    private static (bool IsEqual, string Expected, string Actual)? Transfer(
        StraceEvent call, SyscallOperands operands, LoggedTask task)
    {
        if (call[1].Kind != StraceValueKind.Text || operands.BuffersUnknown
            || !task.Files.TryFind((int)call[0].Number, out Descriptor file))
            return null;
        bool reads = (SyscallNr)call.Nr is SyscallNr.Read or SyscallNr.Pread64;
        if (reads && file.Kind != DescriptorKind.Known)
            return null;
        byte[] logged = call[1].Bytes;
        byte[] copied = [.. operands.Copied];
        if (reads && FileFacts.IsOfKernel(file.Path))
        {
            ProcText text = call.Nr == (int)SyscallNr.Read && file.Text is { } open ? open : new ProcText();
            return text.Read(logged, copied, call[1].IsCut);
        }

        bool equal = call[1].IsCut
            ? copied.AsSpan().StartsWith(logged)
            : copied.AsSpan().SequenceEqual(logged);
        return (equal, Show(logged), Show(copied));
    }

    private static (bool IsEqual, string Expected, string Actual)? Residency(
        StraceEvent call, SyscallOperands operands)
    {
        StraceValue vector = call[2];
        if (vector.Kind != StraceValueKind.Array || operands.Copied.Count == 0)
            return null;
        int shown = vector.IsCut ? vector.Items.Count - 1 : vector.Items.Count;
        bool equal = vector.IsCut ? operands.Copied.Count >= shown : operands.Copied.Count == shown;
        for (int i = 0; i < shown && equal; i++)
            equal = vector.Items[i].Value.Number == operands.Copied[i];
        string actual = "[" + string.Join(", ", operands.Copied) + "]";
        return (equal, vector.ToString(), actual);
    }

    // Changes since the task's last look: what a process has at its start is the loader's, which no log shows.
    private static (bool IsEqual, string Expected, string Actual)? Usage(
        StraceEvent call, SyscallOperands operands, LoggedTask task)
    {
        const int minorAt = 64; // struct rusage: ru_minflt, ru_majflt
        const int majorAt = 72;
        StraceValue? minor = call[1].Member("ru_minflt");
        StraceValue? major = call[1].Member("ru_majflt");
        if (call[0] is not { IsNumber: true, Number: 0 } || minor is not { IsNumber: true }
            || major is not { IsNumber: true } || operands.Copied.Count < majorAt + 8)
            return null;
        byte[] copied = [.. operands.Copied];
        var logged = ((long)minor.Number, (long)major.Number);
        var simulated = (BitConverter.ToInt64(copied, minorAt), BitConverter.ToInt64(copied, majorAt));
        var before = task.LastUsage;
        task.LastUsage = (logged, simulated);
        if (before is not { } last)
            return null;
        var expected = (logged.Item1 - last.Logged.Minor, logged.Item2 - last.Logged.Major);
        var actual = (simulated.Item1 - last.Simulated.Minor, simulated.Item2 - last.Simulated.Major);
        return (expected == actual, Faults(expected), Faults(actual));
    }

    private static string Faults((long Minor, long Major) change) =>
        string.Create(CultureInfo.InvariantCulture, $"{change.Minor} minor and {change.Major} major faults more");

    private static string Show(byte[] bytes) =>
        bytes.Length <= 64 ? Convert.ToHexString(bytes) : Convert.ToHexString(bytes, 0, 64) + "...";
}
