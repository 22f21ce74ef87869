namespace LinuxMem.Workloads.Strace.Reading;

/// <summary>Numbers as strace writes them: decimal, 0x, octal with a leading 0, with a sign.</summary>
internal static class NumberText
{
    /// <summary>Reads a number and moves over it; more than 64 bits wrap around.</summary>
    internal static bool TryRead(ReadOnlySpan<byte> text, ref int at, out ulong number)
    {
        number = 0;
        int start = at;
        bool negative = at < text.Length && text[at] == '-';
        if (negative)
            at++;
        int digits = at;
        if (at + 1 < text.Length && text[at] == '0' && text[at + 1] == 'x')
        {
            at += 2;
            digits = at;
            for (int digit; at < text.Length && (digit = HexDigit(text[at])) >= 0; at++)
                number = (number << 4) | (uint)digit;
        }
        else
        {
            uint radix = at + 1 < text.Length && text[at] == '0' ? 8u : 10u;
            for (; at < text.Length && text[at] is >= (byte)'0' and <= (byte)'9'; at++)
                number = (number * radix) + (uint)(text[at] - '0');
        }

        if (at == digits)
        {
            at = start;
            return false;
        }

        if (negative)
            number = 0 - number;
        return true;
    }

    private static int HexDigit(byte c) => c switch
    {
        >= (byte)'0' and <= (byte)'9' => c - '0',
        >= (byte)'a' and <= (byte)'f' => c - 'a' + 10,
        >= (byte)'A' and <= (byte)'F' => c - 'A' + 10,
        _ => -1,
    };
}
