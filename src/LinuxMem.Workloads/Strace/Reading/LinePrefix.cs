namespace LinuxMem.Workloads.Strace.Reading;

/// <summary>What stands before an event in its line: a task id, times (-t, -r), addresses (-i), numbers (-n).</summary>
internal static class LinePrefix
{
    /// <summary>Finds where the event begins.</summary>
    /// <param name="line">The line.</param>
    /// <param name="tid">The task; 0 if the line names none.</param>
    /// <returns>Bytes before the event.</returns>
    internal static int Read(ReadOnlySpan<byte> line, out int tid)
    {
        int at = TaskId(line, out tid);
        while (true)
        {
            int before = at;
            while (at < line.Length && line[at] == ' ' && Skippable(line[at..]))
                at++;
            at += Time(line[at..]);
            at += Bracket(line[at..]);
            if (at == before)
                return at;
        }
    }

    // "[pid   8] ", "8     ", "8<ls> ".
    private static int TaskId(ReadOnlySpan<byte> line, out int tid)
    {
        bool bracketed = line.StartsWith("[pid "u8);
        int at = bracketed ? 5 : 0;
        while (bracketed && at < line.Length && line[at] == ' ')
            at++;
        int digits = at;
        long value = 0;
        for (; at < line.Length && line[at] is >= (byte)'0' and <= (byte)'9' && at < digits + 10; at++)
            value = (value * 10) + line[at] - '0';
        tid = (int)Math.Min(value, int.MaxValue);
        if (at > digits && at < line.Length && line[at] == '<')
        {
            int close = line[at..].IndexOf((byte)'>');
            at = close < 0 ? at : at + close + 1;
        }

        byte end = bracketed ? (byte)']' : (byte)' ';
        if (at == digits || at >= line.Length || line[at] != end || value == 0)
        {
            tid = 0;
            return 0;
        }

        at++;
        while (at < line.Length && line[at] == ' ' && !line[at..].StartsWith(" <unfinished"u8))
            at++;
        return at;
    }

    // Blanks before a time (-r) or an address; not those that stand for themselves, as before "<unfinished ...>".
    private static bool Skippable(ReadOnlySpan<byte> rest)
    {
        int at = 0;
        while (at < rest.Length && rest[at] == ' ')
            at++;
        return at < rest.Length && (Time(rest[at..]) > 0 || Bracket(rest[at..]) > 0);
    }

    // 13:38:49, 13:38:49.035975, 1795354729.943943, 0.000221, (+     0.000221); with the blank behind.
    private static int Time(ReadOnlySpan<byte> rest)
    {
        int at = 0;
        bool inner = rest.StartsWith("(+"u8);
        if (inner)
        {
            at = 2;
            while (at < rest.Length && rest[at] == ' ')
                at++;
        }

        int digits = at;
        int marks = 0;
        for (; at < rest.Length && rest[at] is >= (byte)'0' and <= (byte)'9' or (byte)':' or (byte)'.'; at++)
            marks += rest[at] is (byte)':' or (byte)'.' ? 1 : 0;
        if (at == digits || marks == 0)
            return 0;
        if (inner)
        {
            if (at >= rest.Length || rest[at] != ')')
                return 0;
            at++;
        }

        return at < rest.Length && rest[at] == ' ' ? at + 1 : 0;
    }

    // "[00007ffff7e84ad7] ", "[????????????????] ", "[  59] ".
    private static int Bracket(ReadOnlySpan<byte> rest)
    {
        if (rest.Length < 4 || rest[0] != '[')
            return 0;
        int at = 1;
        while (at < rest.Length && (rest[at] is (byte)' ' or (byte)'?' || Uri.IsHexDigit((char)rest[at])))
            at++;
        bool closed = at > 1 && at + 1 < rest.Length && rest[at] == ']' && rest[at + 1] == ' ';
        return closed ? at + 2 : 0;
    }
}
