namespace LinuxMem.Workloads.Scenarios.Shapes;

/// <summary>The one grammar of numbers in scenarios.</summary>
/// <remarks>
/// <code>
/// whole    = "0" | digit1-9 digit*                 no sign, no leading zero, no underscore, no exponent
/// number   = whole [ "." digit+ ]                  at most 20 digits in all
/// size     = number ("B" | "KiB" | "MiB" | "GiB" | "TiB")    powers of 1024; must come out as whole bytes
/// time     = number ("ns" | "us" | "ms" | "s" | "min")       must come out as whole nanoseconds
/// address  = "0x" hexdigit+                        at most 16 digits
/// </code>
/// Counts are JSON numbers written as whole; sizes may be too (bytes). Nothing stands between a number and its unit.
/// </remarks>
internal static class Grammar
{
    private const int DigitsMax = 20;

    /// <summary>Units of sizes, in bytes.</summary>
    public static IReadOnlyList<(string Name, ulong Factor)> SizeUnits { get; } =
        [("B", 1), ("KiB", 1UL << 10), ("MiB", 1UL << 20), ("GiB", 1UL << 30), ("TiB", 1UL << 40)];

    /// <summary>Units of times, in nanoseconds.</summary>
    public static IReadOnlyList<(string Name, ulong Factor)> TimeUnits { get; } =
        [("ns", 1), ("us", 1_000), ("ms", 1_000_000), ("s", 1_000_000_000), ("min", 60_000_000_000)];

    /// <summary>
    /// Reads a whole number. False if the text is none; too many digits give the greatest value there is.
    /// </summary>
    public static bool TryWhole(ReadOnlySpan<char> text, out UInt128 value)
    {
        value = 0;
        if (!IsWhole(text))
            return false;
        value = text.Length > DigitsMax ? UInt128.MaxValue : Digits(text);
        return true;
    }

    /// <summary>
    /// Reads a number with one of the units. Null with the reason if the text is none, or comes out as no whole number.
    /// </summary>
    public static UInt128? Measure(string text, IReadOnlyList<(string Name, ulong Factor)> units, out string reason)
    {
        int unitAt = text.AsSpan().IndexOfAnyExcept("0123456789.");
        string unit = unitAt < 0 ? "" : text[unitAt..];
        ReadOnlySpan<char> number = unitAt < 0 ? text : text.AsSpan(0, unitAt);
        int point = number.IndexOf('.');
        ReadOnlySpan<char> whole = point < 0 ? number : number[..point];
        ReadOnlySpan<char> fraction = point < 0 ? [] : number[(point + 1)..];
        if (!IsWhole(whole) || (point >= 0 && (fraction.IsEmpty || fraction.Contains('.'))))
        {
            reason = "is not a number with a unit";
            return null;
        }

        ulong factor = 0;
        foreach ((string name, ulong unitFactor) in units)
            factor = name == unit ? unitFactor : factor;
        if (factor == 0)
        {
            reason = unit.Length == 0 ? "has no unit" : "has an unknown unit";
            return null;
        }

        reason = "";
        if (whole.Length + fraction.Length > DigitsMax)
            return UInt128.MaxValue;
        UInt128 scale = 1;
        for (int i = 0; i < fraction.Length; i++)
            scale *= 10;
        UInt128 scaled = ((Digits(whole) * scale) + Digits(fraction)) * factor;
        if (scaled % scale == 0)
            return scaled / scale;
        reason = "is no whole multiple of 1" + units[0].Name;
        return null;
    }

    private static bool IsWhole(ReadOnlySpan<char> text) =>
        !text.IsEmpty && text.IndexOfAnyExceptInRange('0', '9') < 0 && (text.Length == 1 || text[0] != '0');

    private static UInt128 Digits(ReadOnlySpan<char> digits)
    {
        UInt128 value = 0;
        foreach (char c in digits)
            value = (value * 10) + (UInt128)(c - '0');
        return value;
    }
}
