using System.Globalization;
using System.Text;
using LinuxMem.Abi;
using LinuxMem.Workloads.Strace.Calls;
using LinuxMem.Workloads.Strace.Reading;

namespace LinuxMem.Workloads.Strace.Checking;

/// <summary>Compares answers with logged ones, and puts both into words.</summary>
internal static class Answers
{
    private const int CallLettersMax = 400;

    /// <summary>Whether an answer is the logged one.</summary>
    internal static bool Equal(StraceEvent call, in SyscallResult answer, CallJudgement judgement)
    {
        StraceResult logged = call.Result;
        if (logged.Error is not null || answer.IsError)
            return logged.IsKnown && answer.Value == logged.Value;
        return judgement == CallJudgement.Outcome || answer.Value == logged.Value;
    }

    /// <summary>What Linux answered.</summary>
    internal static string Expected(StraceEvent call) => call.Result.Error ?? Value(call, call.Result.Value);

    /// <summary>What the simulator answers.</summary>
    internal static string Actual(StraceEvent call, in SyscallResult answer) =>
        answer.IsError ? answer.Errno.ToString() : Value(call, answer.Value);

    /// <summary>A call, cut where it is long.</summary>
    internal static string Cut(StraceEvent call)
    {
        string text = call.ToString();
        return text.Length <= CallLettersMax ? text : text[..CallLettersMax] + "...";
    }

    /// <summary>Mappings as lines.</summary>
    internal static IReadOnlyList<string> Lines(IReadOnlyList<VmaFact> vmas)
    {
        var lines = new List<string>(vmas.Count);
        foreach (VmaFact vma in vmas)
        {
            var line = new StringBuilder(80);
            line.Append(CultureInfo.InvariantCulture, $"{vma.Start:x8}-{vma.End:x8} ");
            line.Append((vma.Prot & ProtFlags.Read) != 0 ? 'r' : '-');
            line.Append((vma.Prot & ProtFlags.Write) != 0 ? 'w' : '-');
            line.Append((vma.Prot & ProtFlags.Exec) != 0 ? 'x' : '-');
            line.Append(vma.IsShared ? 's' : 'p');
            line.Append(CultureInfo.InvariantCulture, $" {vma.Offset:x8} {vma.Name}");
            lines.Add(line.ToString().TrimEnd());
        }

        return lines;
    }

    private static string Value(StraceEvent call, long value) =>
        (SyscallNr)call.Nr is SyscallNr.Mmap or SyscallNr.Mremap or SyscallNr.Brk or SyscallNr.Shmat
            ? string.Create(CultureInfo.InvariantCulture, $"0x{value:x}")
            : value.ToString(CultureInfo.InvariantCulture);
}
