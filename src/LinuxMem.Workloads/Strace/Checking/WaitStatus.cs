using System.Buffers.Binary;
using System.Globalization;
using LinuxMem.Abi;
using LinuxMem.Workloads.Strace.Reading;

namespace LinuxMem.Workloads.Strace.Checking;

/// <summary>Compares the status that wait4 gives with the logged one.</summary>
internal static class WaitStatus
{
    private const string Code = "WEXITSTATUS(s) == ", Term = "WTERMSIG(s) == ";
    private const int CoreDumped = 0x80;

    /// <summary>Compares; nothing if the log shows no status.</summary>
    internal static (bool IsEqual, string Expected, string Actual)? Compare(StraceEvent call, SyscallOperands operands)
    {
        string text = call[1].ToString();
        if (call.Result.Value <= 0 || operands.Copied.Count < 4 || Read(text) is not { } expected)
            return null;
        byte[] copied = [.. operands.Copied];
        // No core is ever dumped here: whether one was is the limit's affair.
        int actual = BinaryPrimitives.ReadInt32LittleEndian(copied);
        return ((expected & ~CoreDumped) == actual, Words(expected), Words(actual));
    }

    private static int? Read(string text)
    {
        if (Behind(text, Code) is { } code && int.TryParse(code, NumberStyles.None, CultureInfo.InvariantCulture,
            out int number))
            return number << 8;
        if (Behind(text, Term) is { } name
            && Constants.TryFind(System.Text.Encoding.ASCII.GetBytes(name), out ulong signal))
            return (int)signal | (text.Contains("WCOREDUMP", StringComparison.Ordinal) ? CoreDumped : 0);
        return null;
    }

    private static string? Behind(string text, string what)
    {
        int at = text.IndexOf(what, StringComparison.Ordinal);
        if (at < 0)
            return null;
        int end = at += what.Length;
        while (end < text.Length && text[end] is not (' ' or '}' or ']'))
            end++;
        return text[at..end];
    }

    private static string Words(int status) => string.Create(CultureInfo.InvariantCulture, $"status 0x{status:x}");
}
