using System.Globalization;
using LinuxMem.Abi;
using LinuxMem.Workloads.Inputs;

namespace LinuxMem.Workloads.Tests.Malloc;

/// <summary>
/// A recording of tests/tools/mallocfuzz.c: what its threads allocated, in order, with the calls that each made.
/// </summary>
internal sealed class MallocLog
{
    private readonly List<LoggedStep> steps = [];
    private readonly List<(ulong Start, ulong End)> stacks = [];

    private MallocLog(string path)
    {
        using var reader = new StreamReader(InputFile.Open(path));
        var calls = new List<LoggedCall>();
        bool begun = false;
        for (int number = 1; reader.ReadLine() is { } line; number++)
        {
            int space = line.IndexOf(' ');
            string text = line[space..].Trim();
            int tid = int.Parse(line[..space], CultureInfo.InvariantCulture);
            if (text.StartsWith("brk(NULL)=", StringComparison.Ordinal))
                FirstBreak = FirstBreak == 0 ? Number(text[(text.IndexOf('=') + 1)..]) : FirstBreak;
            if (text.StartsWith("write(9, \"", StringComparison.Ordinal))
            {
                string[] words = text[10..text.IndexOf('\\')].Split(' ');
                if (begun)
                    steps.Add(new LoggedStep(number, tid, words[0][0], Number(words[1]), Number(words[2]),
                        Number(words[3]), [.. calls]));
                begun = true;
                calls.Clear();
            }
            else if (begun && LoggedCall.Parse(text) is { } call && !IsOfStack(call))
            {
                calls.Add(call);
            }
        }
    }

    /// <summary>Where the heap begins.</summary>
    public ulong FirstBreak { get; private set; }

    /// <summary>What happened, in order.</summary>
    public IReadOnlyList<LoggedStep> Steps => steps;

    public static MallocLog Read(string path) => new(path);

    private static ulong Number(string text)
    {
        if (text.StartsWith("0x", StringComparison.Ordinal))
            return ulong.Parse(text.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        return ulong.Parse(text, CultureInfo.InvariantCulture);
    }

    // The threads' stacks are no business of malloc.
    private bool IsOfStack(LoggedCall call)
    {
        if (call.Text.Contains("MAP_STACK", StringComparison.Ordinal))
        {
            stacks.Add(((ulong)call.Answer, (ulong)call.Answer + call.Arguments[1]));
            return true;
        }

        return call.Nr is SyscallNr.Mprotect or SyscallNr.Madvise
            && stacks.Exists(s => call.Arguments[0] >= s.Start && call.Arguments[0] < s.End);
    }
}

/// <summary>An operation, with its calls before it.</summary>
internal sealed record LoggedStep(
    int Line, int Tid, char Kind, ulong Slot, ulong Bytes, ulong Address, IReadOnlyList<LoggedCall> Calls);

/// <summary>A call as logged.</summary>
internal sealed record LoggedCall(SyscallNr Nr, IReadOnlyList<ulong> Arguments, long Answer, string Text)
{
    private static readonly (string Name, ulong Value)[] Words =
    [
        ("PROT_NONE", 0), ("PROT_READ", 1), ("PROT_WRITE", 2), ("PROT_EXEC", 4), ("MAP_PRIVATE", 2), ("MAP_FIXED", 16),
        ("MAP_ANONYMOUS", 32), ("MAP_NORESERVE", 0x4000), ("MAP_STACK", 0x20000), ("MADV_DONTNEED", 4),
        ("MREMAP_MAYMOVE", 1), ("NULL", 0),
    ];

    public static LoggedCall? Parse(string text)
    {
        int open = text.IndexOf('(');
        int close = text.LastIndexOf(")=", StringComparison.Ordinal);
        if (open <= 0 || close < 0
            || !Enum.TryParse(text[..open], ignoreCase: true, out SyscallNr nr))
            return null;
        ulong[] arguments = [.. text[(open + 1)..close].Split(", ").Select(Value)];
        string answer = text[(close + 2)..];
        long value = answer.StartsWith("-1 ENOMEM", StringComparison.Ordinal) ? -(long)Errno.ENOMEM
            : (long)Value(answer.Split(' ')[0]);
        return new LoggedCall(nr, arguments, value, text);
    }

    private static ulong Value(string text)
    {
        ulong sum = 0;
        foreach (string word in text.Split('|'))
        {
            int known = Array.FindIndex(Words, w => w.Name == word);
            if (known >= 0)
                sum |= Words[known].Value;
            else if (word.StartsWith("0x", StringComparison.Ordinal))
                sum |= ulong.Parse(word.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            else
                sum |= (ulong)long.Parse(word, CultureInfo.InvariantCulture);
        }

        return sum;
    }
}
