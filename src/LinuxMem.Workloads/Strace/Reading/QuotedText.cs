namespace LinuxMem.Workloads.Strace.Reading;

/// <summary>Texts in quotes, with the escapes that strace writes: C's, octal and \x.</summary>
internal static class QuotedText
{
    /// <summary>Moves over a text in quotes; to the end if the closing quote is missing.</summary>
    internal static void Skip(ReadOnlySpan<byte> text, ref int at)
    {
        at++;
        while (at < text.Length)
        {
            int next = text[at..].IndexOfAny((byte)'"', (byte)'\\');
            if (next < 0)
                break;
            at += next;
            if (text[at] == '"')
            {
                at++;
                return;
            }

            at += 2;
        }

        at = text.Length;
    }

    /// <summary>Reads a text in quotes and moves over it.</summary>
    internal static byte[] Read(ReadOnlySpan<byte> text, ref int at)
    {
        int start = at + 1;
        Skip(text, ref at);
        int end = at > start && at <= text.Length && text[at - 1] == '"' ? at - 1 : at;
        return Unescape(text[start..Math.Max(start, end)]);
    }

    /// <summary>The bytes that a text stands for.</summary>
    internal static byte[] Unescape(ReadOnlySpan<byte> text)
    {
        if (!text.Contains((byte)'\\'))
            return text.ToArray();
        var bytes = new byte[text.Length];
        int count = 0;
        for (int at = 0; at < text.Length;)
        {
            if (text[at] != '\\' || at + 1 >= text.Length)
            {
                bytes[count++] = text[at++];
                continue;
            }

            at++;
            bytes[count++] = Escape(text, ref at);
        }

        return bytes[..count];
    }

    private static byte Escape(ReadOnlySpan<byte> text, ref int at)
    {
        byte letter = text[at];
        if (letter is >= (byte)'0' and <= (byte)'7')
        {
            int value = 0;
            for (int digits = 0; digits < 3 && at < text.Length && text[at] is >= (byte)'0' and <= (byte)'7'; digits++)
                value = (value * 8) + text[at++] - '0';
            return (byte)value;
        }

        at++;
        if (letter == 'x')
        {
            int value = 0;
            for (int digits = 0; digits < 2 && at < text.Length && Uri.IsHexDigit((char)text[at]); digits++)
                value = (value * 16) + Convert.ToInt32(((char)text[at++]).ToString(), 16);
            return (byte)value;
        }

        return letter switch
        {
            (byte)'n' => (byte)'\n',
            (byte)'t' => (byte)'\t',
            (byte)'r' => (byte)'\r',
            (byte)'v' => 11,
            (byte)'f' => 12,
            (byte)'b' => 8,
            (byte)'a' => 7,
            (byte)'e' => 27,
            _ => letter,
        };
    }
}
