using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace LinuxMem.Workloads.Tests.Mmfuzz;

/// <summary>
/// A line of a strace log of mmfuzz, read just far enough to check the model of the program against it.
/// </summary>
internal sealed partial record TracedCall(
    int Line, int Pid, string Name, string[] Arguments, bool Starts, string? Result)
{
    private static readonly Dictionary<string, ulong> Names = new()
    {
        ["NULL"] = 0,
        ["PROT_NONE"] = 0,
        ["PROT_READ"] = 1,
        ["PROT_WRITE"] = 2,
        ["PROT_EXEC"] = 4,
        ["MAP_SHARED"] = 1,
        ["MAP_PRIVATE"] = 2,
        ["MAP_FIXED"] = 0x10,
        ["MAP_ANONYMOUS"] = 0x20,
        ["MAP_NORESERVE"] = 0x4000,
        ["MAP_POPULATE"] = 0x8000,
        ["MAP_FIXED_NOREPLACE"] = 0x100000,
        ["MREMAP_MAYMOVE"] = 1,
        ["MREMAP_FIXED"] = 2,
        ["MREMAP_DONTUNMAP"] = 4,
        ["MS_ASYNC"] = 1,
        ["MS_SYNC"] = 4,
        ["AT_FDCWD"] = unchecked((ulong)-100),
        ["MADV_RANDOM"] = 1,
        ["MADV_SEQUENTIAL"] = 2,
        ["MADV_WILLNEED"] = 3,
        ["MADV_DONTNEED"] = 4,
        ["MADV_REMOVE"] = 9,
        ["MADV_DONTFORK"] = 10,
        ["MADV_DOFORK"] = 11,
        ["MADV_WIPEONFORK"] = 18,
        ["MADV_KEEPONFORK"] = 19,
        ["MADV_POPULATE_READ"] = 22,
        ["MADV_POPULATE_WRITE"] = 23,
        ["RUSAGE_SELF"] = 0,
        ["O_RDONLY"] = 0,
        ["O_RDWR"] = 2,
        ["O_CREAT"] = 0x40,
        ["O_TRUNC"] = 0x200,
        ["0600"] = 0x180,
    };

    public static IEnumerable<TracedCall> Read(string text)
    {
        int line = 0;
        foreach (string one in text.Split('\n'))
        {
            line++;
            Match match = Shape().Match(one);
            if (!match.Success)
                continue;
            int pid = int.Parse(match.Groups["pid"].ValueSpan, CultureInfo.InvariantCulture);
            string rest = match.Groups["rest"].Value;
            bool starts = !match.Groups["resumed"].Success;
            bool unfinished = rest.EndsWith("<unfinished ...>", StringComparison.Ordinal);
            Match end = End().Match(rest);
            string inside = unfinished ? rest[..rest.LastIndexOf('<')].TrimEnd() : rest[..end.Index];
            yield return new TracedCall(line, pid, match.Groups["name"].Value, Split(inside), starts,
                unfinished ? null : end.Groups["result"].Value);
        }
    }

    /// <summary>The result as the register shows it; -1 for any error.</summary>
    public long Value => Result is "?" or null ? 0 : (long)(Number(Result) ?? ulong.MaxValue);

    /// <summary>An argument's number; null if the log shows something else in its place.</summary>
    public static ulong? Number(string text)
    {
        ulong all = 0;
        foreach (string part in text.Split('|'))
        {
            if (Names.TryGetValue(part, out ulong named))
                all |= named;
            else if (part.StartsWith("0x", StringComparison.Ordinal) &&
                ulong.TryParse(part.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out ulong hex))
                all |= hex;
            else if (long.TryParse(part, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number))
                all |= (ulong)number;
            else
                return null;
        }

        return all;
    }

    /// <summary>What the kernel gave back in a buffer: a text, mincore's vector, wait4's status.</summary>
    public byte[] Copied()
    {
        foreach (string argument in Arguments)
        {
            if (argument.StartsWith('"'))
                return Bytes(argument);
            if (argument.StartsWith('[') && Name == "mincore")
            {
                string[] pages = argument.Trim('[', ']').Split(", ", StringSplitOptions.RemoveEmptyEntries);
                return [.. pages.Select(byte.Parse)];
            }

            Match status = Status().Match(argument);
            if (status.Success)
                return [0, byte.Parse(status.Groups["code"].ValueSpan, CultureInfo.InvariantCulture), 0, 0];
        }

        return [];
    }

    private static byte[] Bytes(string quoted)
    {
        var bytes = new List<byte>();
        string text = quoted.Trim('"');
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\')
            {
                bytes.Add((byte)text[i]);
                continue;
            }

            int digits = 0;
            while (digits < 3 && i + 1 + digits < text.Length && text[i + 1 + digits] is >= '0' and <= '7')
                digits++;
            bytes.Add(digits == 0 ? Escaped(text[i + 1]) : Convert.ToByte(text.Substring(i + 1, digits), 8));
            i += Math.Max(digits, 1);
        }

        return [.. bytes];
    }

    private static byte Escaped(char letter) => letter switch
    {
        'n' => (byte)'\n',
        't' => (byte)'\t',
        'r' => (byte)'\r',
        'v' => (byte)'\v',
        'f' => (byte)'\f',
        _ => (byte)letter,
    };

    private static string[] Split(string inside)
    {
        var parts = new List<string>();
        var part = new StringBuilder();
        int nesting = 0;
        bool quoted = false;
        for (int i = 0; i < inside.Length; i++)
        {
            char letter = inside[i];
            if (letter == '\\' && quoted)
                part.Append(inside[i++]);
            else if (letter == '"')
                quoted = !quoted;
            else if (!quoted && letter is '[' or '{' or '(')
                nesting++;
            else if (!quoted && letter is ']' or '}' or ')')
                nesting--;
            if (letter == ',' && nesting == 0 && !quoted)
            {
                parts.Add(part.ToString().Trim());
                part.Clear();
                continue;
            }

            part.Append(inside[i]);
        }

        if (part.ToString().Trim().Length > 0)
            parts.Add(part.ToString().Trim());
        return [.. parts];
    }

    [GeneratedRegex(@"^(?<pid>\d+) +(<\.\.\. )?(?<name>\w+)((?<resumed> resumed>)|\()(?<rest>.*)$",
        RegexOptions.ExplicitCapture)]
    private static partial Regex Shape();

    [GeneratedRegex(@"\)\s+= (?<result>\?|-?\w+)[^=]*$", RegexOptions.ExplicitCapture)]
    private static partial Regex End();

    [GeneratedRegex(@"WEXITSTATUS\(s\) == (?<code>\d+)", RegexOptions.ExplicitCapture)]
    private static partial Regex Status();
}
