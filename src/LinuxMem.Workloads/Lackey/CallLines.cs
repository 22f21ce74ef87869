using System.Buffers.Text;
using System.Text;

namespace LinuxMem.Workloads.Lackey;

/// <summary>
/// System-call lines: `SYSCALL[pid,tid](nr) sys_name ( args ) tail`. Valgrind prints strings raw, so the end of the
/// arguments is not where the first parenthesis closes but where what follows makes sense.
/// </summary>
internal static class CallLines
{
    /// <summary>The first part of every line.</summary>
    internal static ReadOnlySpan<byte> Prefix => "SYSCALL["u8;

    /// <summary>Reads the head, up to and with the space after the number.</summary>
    internal static bool TryParseHead(ReadOnlySpan<byte> line, out int pid, out int tid, out int nr, out int length)
    {
        tid = nr = length = 0;
        var reader = new LineReader(line);
        bool valid = reader.Skip(Prefix) & reader.Number(out pid) && reader.Skip(","u8) && reader.Number(out tid)
            && reader.Skip("]("u8) && reader.Number(out nr) && reader.Skip(") "u8);
        length = reader.At;
        return valid;
    }

    /// <summary>
    /// Reads what follows the head into a call. Without a tail the call is still open: its result, or the rest of a
    /// string with a line feed in it, is on the next line.
    /// </summary>
    /// <param name="text">The text after the head, without the line feed at its end.</param>
    /// <param name="call">Receives name, arguments and created child; its earlier arguments are dropped.</param>
    /// <param name="tail">The tail, if there is one.</param>
    /// <param name="rest">Where a line glued to this one begins; the length of the text if none is.</param>
    /// <param name="hasString">Whether an argument shows a string.</param>
    /// <returns>Whether there is a tail.</returns>
    internal static bool TryParseBody(
        ReadOnlySpan<byte> text, LackeyCall call, out CallTail tail, out int rest, out bool hasString)
    {
        tail = default;
        rest = text.Length;
        hasString = false;
        call.ClearArgs();
        int open = text.IndexOf((byte)'(');
        // A call that nobody knows: `unimplemented (by the kernel) syscall: 334! (ni_syscall)`, its result on the next
        // line.
        if (open < 0 || text.StartsWith("unimplemented"u8) || text.StartsWith("unhandled"u8))
            return false;
        call.Name = NameOf(text[..open]);
        var body = text[(open + 1)..];
        hasString = HasString(body);
        int close = hasString ? LastClose(body) : body.IndexOf((byte)')');
        if (close < 0)
            return false;
        bool valid = CallTail.TryParse(body[(close + 1)..], out tail, out int length);
        if (!valid && !hasString)
        {
            // Parentheses in the arguments that are no string's.
            int last = LastClose(body);
            if (CallTail.TryParse(body[(last + 1)..], out tail, out length))
                (close, valid) = (last, true);
        }

        CallArguments.Parse(body[..close], call);
        var after = body[(close + 1)..];
        if (valid)
            rest = text.Length - after.Length + length;
        else
            call.CreatedPid = CreatedPid(after);
        return valid;
    }

    /// <summary>The pid in `   clone(fork): process P created child C`; 0 if the text is something else.</summary>
    internal static int CreatedPid(ReadOnlySpan<byte> text)
    {
        var marker = " created child "u8;
        int at = text.IndexOf(marker);
        if (at < 0 || !text.StartsWith("   "u8))
            return 0;
        return Utf8Parser.TryParse(text[(at + marker.Length)..], out int pid, out _) && pid > 0 ? pid : 0;
    }

    /// <summary>Whether a line is `==PID== ...` or `--PID-- ...`.</summary>
    internal static bool IsValgrindsWord(ReadOnlySpan<byte> text, out int pid)
    {
        pid = 0;
        var mark = text.StartsWith("=="u8) ? "=="u8 : "--"u8;
        var reader = new LineReader(text);
        return reader.Skip(mark) && reader.Number(out pid) && reader.Skip(mark);
    }

    /// <summary>
    /// Where valgrind's own words begin that are glued to the arguments of a call, whose result comes lines later:
    /// `sys_brk ( 0x4854000 )==10872== brk segment overflow in thread #1`. -1 if there are none.
    /// </summary>
    internal static int WordsAt(ReadOnlySpan<byte> body, int pid)
    {
        int close = body.IndexOf(")=="u8);
        return close >= 0 && IsValgrindsWord(body[(close + 1)..], out int by) && by == pid ? close + 1 : -1;
    }

    /// <summary>
    /// Where the arguments of a call with strings end: before the last tail that reaches the end of the line.
    /// </summary>
    private static int LastClose(ReadOnlySpan<byte> body)
    {
        for (var before = body; ;)
        {
            int arrow = before.LastIndexOf(" --> "u8);
            if (arrow < 0)
                break;
            before = before[..arrow];
            if (!CallTail.TryParse(body[arrow..], out _, out int length) || body.Length > arrow + length)
                continue;
            int close = before.EndsWith("[sync]"u8) ? arrow - "[sync]".Length - 1 : arrow - 1;
            if (close >= 0 && body[close] == ')')
                return close;
        }

        // No tail: the last parenthesis, whether or not the string goes on behind it in the next line.
        return body.LastIndexOf((byte)')');
    }

    /// <summary>Whether some pointer is followed by a string: `0x4835540(/lib/libc.so.6)`.</summary>
    private static bool HasString(ReadOnlySpan<byte> body)
    {
        for (int at = 0; ; at++)
        {
            int next = body[at..].IndexOf((byte)'(');
            if (next < 0)
                return false;
            at += next;
            if (CallArguments.PointerBefore(body, at) >= 0)
                return true;
        }
    }

    private static string NameOf(ReadOnlySpan<byte> text)
    {
        text = text.TrimEnd((byte)' ');
        if (text.StartsWith("sys_"u8))
            text = text["sys_".Length..];
        // A name is short; anything else is rubbish that should not fill memory.
        return text.Length <= 64 ? Encoding.Latin1.GetString(text) : "";
    }
}
