namespace LinuxMem.Workloads.Strace.Reading;

/// <summary>Finds the parts of a call: the end of its arguments and the beginning of its result.</summary>
internal static class CallSplit
{
    /// <summary>What the text of a call ends with that has not ended.</summary>
    private static ReadOnlySpan<byte> Unfinished => "<unfinished ...>"u8;

    /// <summary>Splits what follows the opening parenthesis.</summary>
    /// <param name="text">The rest of the line.</param>
    /// <param name="argumentBytes">Length of the arguments.</param>
    /// <param name="resultAt">Where the result begins.</param>
    /// <returns>Whether the call is whole.</returns>
    internal static bool TrySplit(ReadOnlySpan<byte> text, out int argumentBytes, out int resultAt)
    {
        int open = 1;
        for (int at = 0; at < text.Length;)
        {
            int next = text[at..].IndexOfAny("\"()"u8);
            if (next < 0)
                break;
            at += next;
            switch (text[at])
            {
                case (byte)'"':
                    QuotedText.Skip(text, ref at);
                    continue;
                case (byte)'(':
                    open++;
                    break;
                default:
                    // A name may have a parenthesis of its own, so the first one that a result follows counts.
                    open--;
                    if (open <= 0 && ResultFollows(text, at + 1, out resultAt))
                    {
                        argumentBytes = at;
                        return true;
                    }

                    break;
            }

            at++;
        }

        return TrySplitAtLast(text, out argumentBytes, out resultAt);
    }

    /// <summary>Whether the text of a call says that it goes on in another line.</summary>
    /// <param name="text">What follows the opening parenthesis.</param>
    /// <param name="argumentBytes">Length of the arguments.</param>
    internal static bool IsUnfinished(ReadOnlySpan<byte> text, out int argumentBytes)
    {
        ReadOnlySpan<byte> trimmed = text.TrimEnd((byte)' ');
        if (trimmed.EndsWith(Unfinished))
        {
            argumentBytes = trimmed.Length - Unfinished.Length;
            return true;
        }

        argumentBytes = trimmed.Length;
        return trimmed.EndsWith("<detached ...>"u8);
    }

    // Damaged quotes: the last parenthesis that a result follows.
    private static bool TrySplitAtLast(ReadOnlySpan<byte> text, out int argumentBytes, out int resultAt)
    {
        int at = text.LastIndexOf(") = "u8);
        argumentBytes = at;
        resultAt = at + 4;
        return at >= 0;
    }

    private static bool ResultFollows(ReadOnlySpan<byte> text, int at, out int resultAt)
    {
        while (at < text.Length && text[at] == ' ')
            at++;
        resultAt = at + 2;
        return text[at..].StartsWith("= "u8) && resultAt < text.Length;
    }
}
