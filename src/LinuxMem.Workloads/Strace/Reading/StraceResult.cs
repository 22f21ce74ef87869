using System.Text;
using LinuxMem.Abi;

namespace LinuxMem.Workloads.Strace.Reading;

/// <summary>How a call ended.</summary>
/// <param name="IsKnown">False for "?" and for calls without an end.</param>
/// <param name="Value">The returned value, a negated error number for a failure.</param>
/// <param name="Error">
/// The error's name, also of those that only the kernel sees (ERESTARTSYS); null for success.
/// </param>
/// <param name="Path">The path that -y shows behind a descriptor; null for none.</param>
internal readonly record struct StraceResult(bool IsKnown, long Value, string? Error, string? Path)
{
    /// <summary>Whether the call will be made again, or was interrupted: it had no effect that counts.</summary>
    internal bool IsRestarted => Error?.StartsWith("ERESTART", StringComparison.Ordinal) == true;

    /// <summary>Whether the log shows a success.</summary>
    internal bool IsSuccess => IsKnown && Error is null;

    /// <summary>Reads what follows the equals sign.</summary>
    internal static StraceResult Read(ReadOnlyMemory<byte> source)
    {
        ReadOnlySpan<byte> text = source.Span;
        if (text.IsEmpty)
            return default;
        int at = 0;
        if (text[0] == '?')
            return new StraceResult(false, 0, ErrorName(text[1..]), null);
        if (!NumberText.TryRead(text, ref at, out ulong value))
            return default;
        ReadOnlySpan<byte> rest = text[at..];
        if (value == ulong.MaxValue && ErrorName(rest) is { } name)
        {
            long number = Enum.TryParse(name, out Errno errno) ? -(long)errno : ErrorNumbers.Of(name);
            return new StraceResult(true, number, name, null);
        }

        // A call that a fatal signal ended: "-1 (errno 18446744073709551192)" is no answer to anybody.
        if (value == ulong.MaxValue && rest.StartsWith(" (errno "u8))
            return default;
        string? path = rest.StartsWith("<"u8) ? ValueParser.Value(source).Label : null;
        return new StraceResult(true, (long)value, null, path);
    }

    private static string? ErrorName(ReadOnlySpan<byte> rest)
    {
        if (rest.Length < 3 || rest[0] != ' ' || rest[1] != 'E')
            return null;
        int end = 1;
        while (end < rest.Length && rest[end] is >= (byte)'A' and <= (byte)'Z' or >= (byte)'0' and <= (byte)'9'
            or (byte)'_')
            end++;
        return end < 4 ? null : Encoding.ASCII.GetString(rest[1..end]);
    }
}
