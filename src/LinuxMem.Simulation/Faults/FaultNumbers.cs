using System.Globalization;

namespace LinuxMem.Simulation.Faults;

/// <summary>Numbers and times as they stand in a fault's parameters.</summary>
public static class FaultNumbers
{
    private const long LongestNs = 1_000_000_000_000;

    private static readonly (string Unit, long Ns)[] Units =
        [("ns", 1), ("us", 1_000), ("ms", 1_000_000), ("s", 1_000_000_000)];

    /// <summary>A whole number from 0 to 2147483647, in digits alone.</summary>
    public static bool TryCount(string text, out int value) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);

    /// <summary>A whole number with its unit: 0ns to 1000s.</summary>
    public static bool TryTime(string text, out long ns)
    {
        foreach ((string unit, long factor) in Units)
        {
            if (text.EndsWith(unit, StringComparison.Ordinal)
                && TryCount(text[..^unit.Length], out int value) && value <= LongestNs / factor)
            {
                ns = value * factor;
                return true;
            }
        }

        ns = 0;
        return false;
    }

    /// <summary>Whether a name is as a pattern has it: * is any characters, ? is one.</summary>
    public static bool Matches(string pattern, string name)
    {
        // Back to the last star, one character further on, whenever what follows it does not fit.
        int p = 0, star = -1, from = 0;
        for (int n = 0; n < name.Length;)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                star = p++;
                from = n;
            }
            else if (p < pattern.Length && (pattern[p] == '?' || pattern[p] == name[n]))
            {
                p++;
                n++;
            }
            else if (star >= 0)
            {
                p = star + 1;
                n = ++from;
            }
            else
            {
                return false;
            }
        }

        return pattern.AsSpan(p).TrimStart('*').IsEmpty;
    }
}
