using System.Globalization;
using System.Text;

namespace LinuxMem.Workloads.Scenarios.Json;

/// <summary>The user's text in messages: short, and without anything that a terminal would obey.</summary>
internal static class Quoting
{
    private const int CharsMax = 80;

    /// <summary>The text in double quotes, escaped, at most 80 characters of it.</summary>
    public static string Quote(string text)
    {
        var result = new StringBuilder("\"");
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (result.Length > CharsMax)
            {
                result.Append("...");
                break;
            }

            AppendEscaped(result, rune);
        }

        return result.Append('"').ToString();
    }

    /// <summary>The whole text as it is, but for what is invisible.</summary>
    public static string Clean(string text)
    {
        var result = new StringBuilder();
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (rune.Value is '"' or '\\')
                result.Append((char)rune.Value);
            else
                AppendEscaped(result, rune);
        }

        return result.ToString();
    }

    /// <summary>A number's characters, at most 80 of them.</summary>
    public static string Shorten(string digits) => digits.Length <= CharsMax ? digits : digits[..CharsMax] + "...";

    private static void AppendEscaped(StringBuilder to, Rune rune)
    {
        UnicodeCategory category = Rune.GetUnicodeCategory(rune);
        bool isInvisible = category is UnicodeCategory.Control or UnicodeCategory.Format
            or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
            or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse;
        if (rune.Value is '"' or '\\')
            to.Append('\\').Append((char)rune.Value);
        else if (isInvisible)
            to.Append(CultureInfo.InvariantCulture, $"\\u{{{rune.Value:x}}}");
        else
            to.Append(rune.ToString());
    }
}
