namespace LinuxMem.Architecture.Tests;

/// <summary>Blanks out comments, strings and characters of C#, so that rules look at code only.</summary>
internal ref struct CodeOnly
{
    private readonly ReadOnlySpan<char> text;
    private readonly Span<char> result;
    private int at;

    private CodeOnly(ReadOnlySpan<char> text, Span<char> result)
    {
        this.text = text;
        this.result = result;
    }

    /// <summary>The text with everything but code replaced by spaces; line ends stay.</summary>
    public static string Of(string text)
    {
        var buffer = text.ToCharArray();
        var scan = new CodeOnly(text, buffer);
        scan.Code(untilBrace: false);
        return new string(buffer);
    }

    /// <summary>Passes over code; in the hole of an interpolated string up to its closing brace.</summary>
    private void Code(bool untilBrace)
    {
        int depth = 0;
        while (at < text.Length)
        {
            char c = text[at];
            if (untilBrace && c == '}' && depth-- == 0)
                return;
            if (untilBrace && c == '{')
                depth++;
            if (At("//"))
                Blank(LengthTo("\n", otherwise: text.Length - at));
            else if (At("/*"))
                Blank(LengthTo("*/", otherwise: text.Length - at - 2) + 2);
            else if (c == '\'')
                Quoted('\'', escapes: true);
            else if (c == '"' || (c is '$' or '@' && StringPrefix() > 0))
                String();
            else
                at++;
        }
    }

    /// <summary>Length of $ and @ before a quote; 0 if no string begins here.</summary>
    private readonly int StringPrefix()
    {
        int length = 0;
        while (at + length < text.Length && text[at + length] is '$' or '@')
            length++;
        return at + length < text.Length && text[at + length] == '"' ? length : 0;
    }

    private void String()
    {
        int prefix = text[at] == '"' ? 0 : StringPrefix();
        bool interpolated = text.Slice(at, prefix).Contains('$');
        bool verbatim = text.Slice(at, prefix).Contains('@');
        Blank(prefix);
        int quotes = 0;
        while (at + quotes < text.Length && text[at + quotes] == '"')
            quotes++;
        if (quotes >= 3)
        {
            Blank(quotes);
            string end = new('"', quotes);
            Blank(LengthTo(end, otherwise: text.Length - at - quotes) + quotes);
        }
        else if (interpolated)
            Interpolated(verbatim);
        else
            Quoted('"', escapes: !verbatim);
    }

    private void Interpolated(bool verbatim)
    {
        Blank(1);
        while (at < text.Length)
        {
            if (At("{{") || At("}}") || (verbatim && At("\"\"")) || (!verbatim && text[at] == '\\'))
                Blank(2);
            else if (text[at] == '{')
            {
                int start = at++;
                Code(untilBrace: true);
                int length = at + 1 - start;
                at = start;
                Blank(length);
            }
            else if (text[at] == '"')
            {
                Blank(1);
                return;
            }
            else
                Blank(1);
        }
    }

    private void Quoted(char quote, bool escapes)
    {
        Blank(1);
        while (at < text.Length)
        {
            if (escapes && text[at] == '\\')
                Blank(2);
            else if (text[at] != quote)
                Blank(1);
            else if (!escapes && at + 1 < text.Length && text[at + 1] == quote)
                Blank(2);
            else
            {
                Blank(1);
                return;
            }
        }
    }

    private readonly bool At(string what) => text[at..].StartsWith(what, StringComparison.Ordinal);

    private readonly int LengthTo(string what, int otherwise)
    {
        int found = text[at..].IndexOf(what, StringComparison.Ordinal);
        return found < 0 ? otherwise : found;
    }

    private void Blank(int length)
    {
        for (int end = Math.Min(text.Length, at + length); at < end; at++)
        {
            if (text[at] is not ('\n' or '\r'))
                result[at] = ' ';
        }
    }
}
