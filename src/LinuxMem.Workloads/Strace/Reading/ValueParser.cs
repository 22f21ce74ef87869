using System.Text;

namespace LinuxMem.Workloads.Strace.Reading;

/// <summary>
/// Reads the arguments of a call into values. It never fails: what it does not understand becomes a word, up to the
/// next comma.
/// </summary>
internal ref struct ValueParser
{
    // strace prints nothing nested deeper than a few levels; deeper ones come from damaged lines.
    private const int DepthMax = 40;
    private readonly ReadOnlyMemory<byte> source;
    private readonly ReadOnlySpan<byte> text;
    private int at;
    private int depth;

    private ValueParser(ReadOnlyMemory<byte> source)
    {
        this.source = source;
        text = source.Span;
    }

    /// <summary>The arguments of a call: the text between its parentheses.</summary>
    internal static List<StraceField> Arguments(ReadOnlyMemory<byte> source)
    {
        var parser = new ValueParser(source);
        var fields = new List<StraceField>(6);
        parser.Items(fields, (byte)0);
        return fields;
    }

    /// <summary>One value.</summary>
    internal static StraceValue Value(ReadOnlyMemory<byte> source)
    {
        var parser = new ValueParser(source);
        return parser.Expression();
    }

    // Elements up to a closing bracket, which is consumed; 0 is the end of the text. Sets of signals have blanks
    // between them, all else has commas.
    private bool Items(List<StraceField> fields, byte close)
    {
        bool cut = false;
        while (true)
        {
            SkipBlanks();
            if (at >= text.Length)
                return cut;
            byte next = text[at];
            if (next == close && close != 0)
            {
                at++;
                return cut;
            }

            if (next == ',')
            {
                at++;
                continue;
            }

            int before = at;
            string? name = FieldName();
            StraceValue value = Expression();
            cut |= value.Kind == StraceValueKind.Ellipsis;
            fields.Add(new StraceField(name, value));
            if (at == before)
                at++; // A stray bracket: nothing else stops without moving.
        }
    }

    private string? FieldName()
    {
        int end = at;
        while (end < text.Length && IsWord(text[end]))
            end++;
        bool named = end > at && end + 1 < text.Length && text[end] == '='
            && text[end + 1] != '=' && text[end + 1] != '>';
        if (!named)
            return null;
        string name = NameTable.Of(text[at..end]);
        at = end + 1;
        return name;
    }

    private StraceValue Expression()
    {
        int start = at;
        if (depth >= DepthMax)
        {
            SkipToComma();
            return Word(start);
        }

        depth++;
        StraceValue value = Operators(start);
        SkipComment();
        if (Follows("=>"u8))
        {
            at += 2;
            SkipBlanks();
            value.After = Expression();
        }

        depth--;
        if (value.Raw.IsEmpty)
            value.Raw = source[start..at];
        return value;
    }

    private StraceValue Operators(int start)
    {
        if (at < text.Length && text[at] == '|')
            at++; // -X raw leaves out a name that stands for 0.
        StraceValue value = Term();
        SkipComment();
        while (at < text.Length && text[at] == '|')
        {
            at++;
            value = Combine(value, Term(), (byte)'|');
            SkipComment();
        }

        if (Follows("&&"u8) || Follows("=="u8) || (Follows("or "u8) && value.Kind == StraceValueKind.Word))
        {
            SkipToComma();
            return Word(start);
        }

        value.Raw = source[start..at];
        return value;
    }

    // Shifts and products, which bind tighter than "|".
    private StraceValue Term()
    {
        StraceValue value = Primary();
        while (value.IsNumber && at < text.Length)
        {
            SkipComment();
            bool shift = Follows("<<"u8);
            if (!shift && !Follows("*"u8))
                break;
            at += shift ? 2 : 1;
            value = Combine(value, Primary(), shift ? (byte)'<' : (byte)'*');
        }

        return value;
    }

    private static StraceValue Combine(StraceValue left, StraceValue right, byte operation)
    {
        if (!left.IsNumber || !right.IsNumber)
            return new StraceValue { Kind = StraceValueKind.Word };
        ulong number = operation switch
        {
            (byte)'|' => left.Number | right.Number,
            (byte)'*' => left.Number * right.Number,
            _ => left.Number << (int)(right.Number & 63),
        };
        return new StraceValue { Kind = StraceValueKind.Number, Number = number };
    }

    private StraceValue Primary()
    {
        int start = at;
        if (at >= text.Length)
            return new StraceValue { Kind = StraceValueKind.Word };
        switch (text[at])
        {
            case (byte)'"':
                return Text();
            case (byte)'@' when at + 1 < text.Length && text[at + 1] == '"':
                at++;
                return Text();
            case (byte)'{':
                return List((byte)'}', StraceValueKind.Structure);
            case (byte)'[':
                return List((byte)']', StraceValueKind.Array);
            case (byte)'~' when at + 1 < text.Length && text[at + 1] == '[':
                at++;
                StraceValue set = List((byte)']', StraceValueKind.Array);
                set.Label = "~";
                return set;
            case (byte)'.' when Follows("..."u8):
                at += 3;
                return new StraceValue { Kind = StraceValueKind.Ellipsis, Raw = source[start..at] };
            case (byte)'-' or >= (byte)'0' and <= (byte)'9':
                return Number();
            default:
                if (IsWord(text[at]))
                    return Name();
                SkipToComma();
                return Word(start);
        }
    }

    private StraceValue List(byte close, StraceValueKind kind)
    {
        int start = at++;
        var items = new List<StraceField>(kind == StraceValueKind.Array ? 2 : 4);
        bool cut = false;
        if (depth < DepthMax)
            cut = Items(items, close);
        else
            SkipToComma();
        return new StraceValue { Kind = kind, Items = items, IsCut = cut, Raw = source[start..at] };
    }

    private StraceValue Text()
    {
        byte[] bytes = QuotedText.Read(text, ref at);
        bool cut = Follows("..."u8);
        if (cut)
            at += 3;
        return new StraceValue { Kind = StraceValueKind.Text, Bytes = bytes, IsCut = cut };
    }

    private StraceValue Number()
    {
        int start = at;
        if (!NumberText.TryRead(text, ref at, out ulong number))
        {
            SkipToComma();
            return Word(start);
        }

        // A date or a range, such as 0-3: no number after all.
        if (at < text.Length && (IsWord(text[at]) || text[at] is (byte)'.' or (byte)':' or (byte)'+'))
        {
            SkipToComma();
            return Word(start);
        }

        var value = new StraceValue { Kind = StraceValueKind.Number, Number = number };
        value.Label = Decoration();
        return value;
    }

    private StraceValue Name()
    {
        int start = at;
        while (at < text.Length && IsWord(text[at]))
            at++;
        ReadOnlySpan<byte> name = text[start..at];
        if (at < text.Length && text[at] == '(')
        {
            var function = new StraceValue { Kind = StraceValueKind.Function, Label = NameTable.Of(name), Items = [] };
            at++;
            Items(function.Items, (byte)')');
            return function;
        }

        if (!Constants.TryFind(name, out ulong number))
            return Word(start);
        return new StraceValue { Kind = StraceValueKind.Number, Number = number, Label = Decoration() };
    }

    // What -y shows behind a descriptor: <path>, <socket:[17]>, <TCP:[a->b]>, </dev/null<char 1:3>>.
    private string? Decoration()
    {
        if (at + 1 >= text.Length || text[at] != '<' || text[at + 1] is (byte)'<' or (byte)'.' or (byte)'u')
            return null;
        int open = 0;
        for (int i = at; i < text.Length; i++)
        {
            if (text[i] == '<')
                open++;
            else if (text[i] == '>' && text[i - 1] != '-' && --open == 0)
            {
                string path = Encoding.UTF8.GetString(QuotedText.Unescape(text[(at + 1)..i]));
                at = i + 1;
                if (Follows("(deleted)"u8))
                    at += "(deleted)".Length;
                return path;
            }
        }

        return null;
    }

    private StraceValue Word(int start) => new() { Kind = StraceValueKind.Word, Raw = source[start..at] };

    private void SkipToComma()
    {
        int open = 0;
        while (at < text.Length)
        {
            byte next = text[at];
            if (next == '"')
            {
                QuotedText.Skip(text, ref at);
                continue;
            }

            if (next is (byte)'(' or (byte)'[' or (byte)'{')
                open++;
            else if (next is (byte)')' or (byte)']' or (byte)'}' && --open < 0)
                return;
            else if (next == ',' && open == 0)
                return;
            at++;
        }
    }

    private void SkipBlanks()
    {
        while (at < text.Length && text[at] == ' ')
            at++;
        if (Follows("/*"u8))
            SkipComment();
    }

    private void SkipComment()
    {
        while (true)
        {
            int ahead = at;
            while (ahead < text.Length && text[ahead] == ' ')
                ahead++;
            if (text[ahead..].StartsWith("/*"u8))
            {
                int end = text[ahead..].IndexOf("*/"u8);
                at = end < 0 ? text.Length : ahead + end + 2;
                continue;
            }

            // Blanks before what goes on with the expression; elsewhere they divide elements.
            if (text[ahead..].StartsWith("=>"u8) || text[ahead..].StartsWith("&&"u8)
                || text[ahead..].StartsWith("=="u8) || text[ahead..].StartsWith("or "u8))
                at = ahead;
            return;
        }
    }

    private readonly bool Follows(ReadOnlySpan<byte> what) => text[at..].StartsWith(what);

    private static bool IsWord(byte c) =>
        c is >= (byte)'a' and <= (byte)'z' or >= (byte)'A' and <= (byte)'Z' or >= (byte)'0' and <= (byte)'9'
            or (byte)'_' or (byte)'?' or (byte)'$';
}
