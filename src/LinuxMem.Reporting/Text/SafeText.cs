using System.Globalization;
using System.Text;

namespace LinuxMem.Reporting.Text;

/// <summary>
/// Makes text from outside (names of processes, lines of logs, paths) harmless on a terminal and in a table.
/// </summary>
public static class SafeText
{
    /// <summary>
    /// The text with a '?' for everything that does not simply show: control characters (with ESC and line breaks),
    /// format characters (with those that turn the direction of writing), line separators and halves of surrogate
    /// pairs.
    /// </summary>
    /// <param name="text">Any text.</param>
    /// <param name="maxLength">Longest result in UTF-16 units, at least 3; what is longer is cut and ends in
    /// "...".</param>
    public static string Clean(string text, int maxLength = int.MaxValue)
    {
        if (text.Length <= maxLength && IsPlainAscii(text))
            return text;
        var clean = new StringBuilder(Math.Min(text.Length, 256));
        foreach (Rune rune in text.EnumerateRunes())
        {
            clean.Append(Shows(rune) ? rune.ToString() : "?");
            if (clean.Length > maxLength)
                return Cut(clean, maxLength);
        }

        return clean.ToString();
    }

    private static bool IsPlainAscii(string text)
    {
        foreach (char c in text)
        {
            if (c is < ' ' or > '~')
                return false;
        }

        return true;
    }

    // EnumerateRunes gives U+FFFD for half a surrogate pair; a terminal may not have it, a '?' it has.
    private static bool Shows(Rune rune) => rune != Rune.ReplacementChar && Rune.GetUnicodeCategory(rune) is not
        (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.OtherNotAssigned);

    private static string Cut(StringBuilder text, int maxLength)
    {
        int length = maxLength - 3;
        if (length > 0 && char.IsHighSurrogate(text[length - 1]))
            length--;
        return text.ToString(0, length) + "...";
    }
}
