using System.Text;
using LinuxMem.Abi;

namespace LinuxMem.Mm.Exec;

/// <summary>The first line of a script: an interpreter and at most one argument.</summary>
/// <remarks>Linux: fs/binfmt_script.c: load_script, v6.18.</remarks>
/// <param name="Interpreter">Its path.</param>
/// <param name="Argument">The rest of the line, or null.</param>
public readonly record struct ScriptLine(string Interpreter, string? Argument)
{
    /// <summary>What the kernel looks at (BINPRM_BUF_SIZE).</summary>
    public const int BufferBytes = 256;

    /// <summary>Whether a file begins as a script does.</summary>
    public static bool IsScript(ReadOnlySpan<byte> text) => text.StartsWith("#!"u8);

    /// <summary>
    /// Reads the line. ENOEXEC if it names no interpreter, or its path may go on beyond the buffer.
    /// </summary>
    /// <param name="buffer">The first <see cref="BufferBytes"/> of the file, with zeros behind its end.</param>
    /// <param name="line">The line.</param>
    public static Errno Read(ReadOnlySpan<byte> buffer, out ScriptLine line)
    {
        line = default;
        int limit = BufferBytes - 1;
        ReadOnlySpan<byte> text = buffer[..limit];
        // strnchr stops at a zero byte.
        int newline = buffer[..BufferBytes].IndexOf((byte)'\n');
        int zero = buffer[..BufferBytes].IndexOf((byte)0);
        int end = newline >= 0 && (zero < 0 || newline < zero) ? newline : -1;
        if (end < 0)
        {
            int first = NextNonBlank(text, 2, limit);
            if (first < 0 || NextTerminator(text, first, limit) < 0)
                return Errno.ENOEXEC;
            end = limit;
        }

        while (end > 2 && IsBlank(buffer[end - 1]))
            end--;
        int name = NextNonBlank(buffer, 2, end);
        if (name < 0 || name == end)
            return Errno.ENOEXEC;
        int separator = NextTerminator(buffer, name, end);
        int nameEnd = separator < 0 ? end : separator;
        string? argument = null;
        if (separator >= 0 && buffer[separator] != 0)
        {
            int from = NextNonBlank(buffer, separator, end);
            argument = from < 0 ? null : Text(buffer[from..end]);
        }

        line = new ScriptLine(Text(buffer[name..nameEnd]), argument);
        return Errno.None;
    }

    private static string Text(ReadOnlySpan<byte> bytes)
    {
        int zero = bytes.IndexOf((byte)0);
        return Encoding.UTF8.GetString(zero < 0 ? bytes : bytes[..zero]);
    }

    private static bool IsBlank(byte c) => c is (byte)' ' or (byte)'\t';

    private static int NextNonBlank(ReadOnlySpan<byte> text, int from, int end)
    {
        for (int i = from; i < end; i++)
        {
            if (!IsBlank(text[i]))
                return i;
        }

        return -1;
    }

    private static int NextTerminator(ReadOnlySpan<byte> text, int from, int end)
    {
        for (int i = from; i < end; i++)
        {
            if (IsBlank(text[i]) || text[i] == 0)
                return i;
        }

        return -1;
    }
}
