using System.Buffers.Text;
using System.Text;

namespace LinuxMem.Workloads.Lackey;

/// <summary>
/// The arguments between the parentheses of a call: numbers in three notations, and pointers with the string they point
/// to.
/// </summary>
internal static class CallArguments
{
    private const int HexDigitsMax = 16;

    /// <summary>Reads all arguments. Stops at the first that is no number.</summary>
    internal static void Parse(ReadOnlySpan<byte> text, LackeyCall call)
    {
        text = text.Trim((byte)' ');
        while (!text.IsEmpty)
        {
            int end = TokenEnd(text, out int open);
            var number = open >= 0 ? text[..open] : text[..end];
            if (!TryParseNumber(number.Trim((byte)' '), IsBareHex(call), out ulong value))
                return;
            call.AddArg(value, open >= 0 ? Encoding.UTF8.GetString(text[(open + 1)..(end - 1)]) : null);
            text = end < text.Length ? text[(end + 1)..].TrimStart((byte)' ') : default;
        }
    }

    /// <summary>
    /// Where the pointer that ends before the parenthesis at <paramref name="open"/> begins; -1 if none does.
    /// </summary>
    internal static int PointerBefore(ReadOnlySpan<byte> text, int open)
    {
        int at = open;
        while (at > 0 && IsHex(text[at - 1]) && open - at < HexDigitsMax)
            at--;
        return at < open && at >= 2 && text[at - 1] == 'x' && text[at - 2] == '0' ? at - 2 : -1;
    }

    /// <summary>The end of the first argument: the index of the comma after it, or the length of the text.</summary>
    /// <param name="text">The arguments that are left.</param>
    /// <param name="open">Where the parenthesis before its string is; -1 if it has none.</param>
    private static int TokenEnd(ReadOnlySpan<byte> text, out int open)
    {
        open = -1;
        int at = text.IndexOfAny((byte)',', (byte)'(');
        if (at < 0)
            return text.Length;
        if (text[at] == ',' || PointerBefore(text, at) != 0)
            return text[at] == ',' ? at : text.Length;
        open = at;
        // The string ends at the last parenthesis behind which only numbers follow; with two strings, before the second
        // pointer.
        int end = -1;
        for (int from = at + 1; ;)
        {
            int close = text[from..].IndexOf((byte)')');
            if (close < 0)
                return end < 0 ? NoString(text, out open) : end;
            from += close + 1;
            var next = text[from..];
            if (next.IsEmpty || next[0] == ',' && OnlyNumbers(next[1..]))
                end = from;
            else if (next.StartsWith(", 0x"u8) && PointerBefore(next, Math.Max(next.IndexOf((byte)'('), 0)) == 2)
                return from;
        }
    }

    private static int NoString(ReadOnlySpan<byte> text, out int open)
    {
        open = -1;
        return text.Length;
    }

    private static bool OnlyNumbers(ReadOnlySpan<byte> text) => text.IndexOfAnyExcept("0123456789abcdefx, -"u8) < 0;

    private static bool TryParseNumber(ReadOnlySpan<byte> text, bool bareHex, out ulong value)
    {
        value = 0;
        int used;
        if (text.StartsWith("0x"u8))
            return Utf8Parser.TryParse(text[2..], out value, out used, 'x') && used == text.Length - 2;
        if (bareHex)
            return Utf8Parser.TryParse(text, out value, out used, 'x') && used == text.Length;
        if (text.StartsWith("-"u8))
        {
            bool valid = Utf8Parser.TryParse(text, out long signed, out used) && used == text.Length;
            value = (ulong)signed;
            return valid;
        }

        return Utf8Parser.TryParse(text, out value, out used) && used == text.Length;
    }

    /// <summary>
    /// Whether the next argument is printed in hexadecimal without 0x, as valgrind 3.19 does in three calls.
    /// </summary>
    private static bool IsBareHex(LackeyCall call) => (call.Nr, call.ArgCount) switch
    {
        (56, 0) => true, // clone: flags
        (151, 0) => true, // mlockall: flags
        (158, 1) => true, // arch_prctl: address
        _ => false,
    };

    private static bool IsHex(byte c) => c is >= (byte)'0' and <= (byte)'9' or >= (byte)'a' and <= (byte)'f';
}
