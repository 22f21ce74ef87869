using System.Buffers;
using System.Text;
using System.Text.Json;

namespace LinuxMem.Workloads.Scenarios.Json;

/// <summary>Reads JSON with comments and trailing commas into nodes that know their places.</summary>
/// <remarks>
/// Limits: 64 levels, a million values. Duplicate keys are errors, and the first one counts. A text that is no JSON
/// gives its first mistake only, because what follows would be guesswork.
/// </remarks>
internal static class JsonTree
{
    /// <summary>Most levels of objects and arrays.</summary>
    public const int DepthMax = 64;

    private const int ValuesMax = 1_000_000;

    /// <summary>The root, or null if the text is no JSON: then there is an error.</summary>
    public static Node? Read(ReadOnlySpan<byte> utf8, string source, Errors errors)
    {
        if (utf8.StartsWith("\uFEFF"u8))
            utf8 = utf8[3..];
        var locator = new TextLocator(utf8, source);
        int badByte = FindInvalidUtf8(utf8);
        if (badByte >= 0)
        {
            errors.Add(locator.At(badByte),
                $"the byte 0x{utf8[badByte]:x2} is not valid UTF-8; expected text in UTF-8");
            return null;
        }

        var options = new JsonReaderOptions
        {
            AllowTrailingCommas = true,
            CommentHandling = JsonCommentHandling.Skip,
            MaxDepth = DepthMax + 2,
        };
        ReadOnlySpan<byte> lines = WithLineFeeds(utf8);
        var reader = new Utf8JsonReader(lines, options);
        var builder = new TreeBuilder(errors);
        try
        {
            while (reader.Read())
            {
                if (!builder.Take(ref reader, locator.At((int)reader.TokenStartIndex)))
                    return null;
            }

            return builder.Root;
        }
        catch (JsonException e)
        {
            // The reader counts LF, and columns in bytes: back to an offset, then to a place of ours.
            int at = OffsetOf(lines, e.LineNumber ?? 0, e.BytePositionInLine ?? 0);
            bool isEmpty = builder.Root is null && !builder.HasBegun && IsAtEnd(utf8, at);
            errors.Add(new TextLocator(utf8, source).At(at), isEmpty
                ? "there is nothing here; expected a scenario, an object { ... }"
                : $"not valid JSON: {Reason(e)}");
            return null;
        }
    }

    // The reader counts a lone CR where it ends a comment, and nowhere else: it gets to see none.
    private static ReadOnlySpan<byte> WithLineFeeds(ReadOnlySpan<byte> utf8)
    {
        byte[]? copy = null;
        for (int i = 0; i < utf8.Length; i++)
        {
            if (utf8[i] == '\r' && (i + 1 == utf8.Length || utf8[i + 1] != '\n'))
                (copy ??= utf8.ToArray())[i] = (byte)'\n';
        }

        return copy ?? utf8;
    }

    private static string Reason(JsonException e)
    {
        string message = e.Message;
        int cut = message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        if (cut >= 0)
            message = message[..cut];
        // The message quotes the text, so that it may contain anything.
        return Quoting.Clean(message.TrimEnd('.'));
    }

    private static bool IsAtEnd(ReadOnlySpan<byte> utf8, int at) =>
        utf8[Math.Min(at, utf8.Length)..].Trim(" \t\r\n"u8).IsEmpty;

    private static int OffsetOf(ReadOnlySpan<byte> utf8, long line, long byteInLine)
    {
        int start = 0;
        for (; line > 0; line--)
        {
            int end = utf8[start..].IndexOf((byte)'\n');
            if (end < 0)
                break;
            start += end + 1;
        }

        return (int)Math.Min(start + byteInLine, utf8.Length);
    }

    private static int FindInvalidUtf8(ReadOnlySpan<byte> utf8)
    {
        if (System.Text.Unicode.Utf8.IsValid(utf8))
            return -1;
        int at = 0;
        while (at < utf8.Length)
        {
            if (Rune.DecodeFromUtf8(utf8[at..], out _, out int length) != OperationStatus.Done)
                return at;
            at += length;
        }

        return -1;
    }

    /// <summary>Puts tokens together.</summary>
    private sealed class TreeBuilder(Errors errors)
    {
        private readonly Stack<Open> open = new();
        private readonly Dictionary<string, string> quoted = new(StringComparer.Ordinal);
        private string? key;
        private Position keyPosition;
        private int values;

        public Node? Root { get; private set; }

        public bool HasBegun => values > 0;

        public bool Take(ref Utf8JsonReader reader, Position position)
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.PropertyName:
                    key = Text(ref reader, position) ?? "";
                    keyPosition = position;
                    return true;
                case JsonTokenType.EndObject or JsonTokenType.EndArray:
                    open.Pop();
                    return true;
            }

            if (++values > ValuesMax)
            {
                errors.Add(position, $"there are more than {ValuesMax} values; expected fewer");
                return false;
            }

            Open? parent = open.Count > 0 ? open.Peek() : null;
            Node node = NodeOf(ref reader, position, parent);
            Place(node, parent);
            if (node.Kind is not (NodeKind.Object or NodeKind.Array))
                return true;
            if (open.Count == DepthMax)
            {
                errors.Add(position, $"objects and arrays are nested too deep; expected at most {DepthMax} levels");
                return false;
            }

            open.Push(new Open(node));
            return true;
        }

        private Node NodeOf(ref Utf8JsonReader reader, Position position, Open? parent)
        {
            JsonTokenType token = reader.TokenType;
            NodeKind kind = token switch
            {
                JsonTokenType.StartObject => NodeKind.Object,
                JsonTokenType.StartArray => NodeKind.Array,
                JsonTokenType.String => NodeKind.String,
                JsonTokenType.Number => NodeKind.Number,
                JsonTokenType.True => NodeKind.True,
                JsonTokenType.False => NodeKind.False,
                _ => NodeKind.Null,
            };
            return new Node(kind, position)
            {
                Text = token switch
                {
                    JsonTokenType.String => Text(ref reader, position) ?? "",
                    JsonTokenType.Number => Encoding.ASCII.GetString(reader.ValueSpan),
                    _ => "",
                },
                Members = kind == NodeKind.Object ? new List<Member>() : [],
                Items = kind == NodeKind.Array ? new List<Node>() : [],
                Owner = parent is null ? Node.Document : parent.Items is null ? Quoted(key!) : parent.Label,
                ItemNumber = parent?.Items is { } items ? items.Count + 1 : 0,
            };
        }

        private void Place(Node node, Open? parent)
        {
            if (parent is null)
                Root = node;
            else if (parent.Items is { } items)
                items.Add(node);
            else if (parent.PlaceOf(key!) is { } first)
                errors.Add(keyPosition,
                    $"the key {node.Label} is given twice; expected it once, as at {Short(first)}");
            else
                parent.Add(new Member(key!, keyPosition, node));
        }

        // The same keys come again and again.
        private string Quoted(string name)
        {
            if (!quoted.TryGetValue(name, out string? text))
                quoted.Add(name, text = Quoting.Quote(name));
            return text;
        }

        private static string Short(Position position) =>
            FormattableString.Invariant($"{position.Line}:{position.Column}");

        private string? Text(ref Utf8JsonReader reader, Position position)
        {
            try
            {
                return reader.GetString();
            }
            catch (InvalidOperationException)
            {
                // The bytes are valid UTF-8, so this is an escape of half a surrogate pair.
                errors.Add(position,
                    "the text has half of a surrogate pair (\\ud800 to \\udfff); expected both halves");
                return null;
            }
        }

        /// <summary>An object or array that has not ended.</summary>
        private sealed class Open(Node node)
        {
            private const int SearchedMax = 16;
            private readonly List<Member>? members = node.Kind == NodeKind.Object ? (List<Member>)node.Members : null;
            private Dictionary<string, Position>? places;

            public string Label { get; } = node.Label;

            /// <summary>An array's items; null of an object.</summary>
            public List<Node>? Items { get; } = node.Kind == NodeKind.Array ? (List<Node>)node.Items : null;

            /// <summary>Where an object has a key already; null if it has not.</summary>
            public Position? PlaceOf(string name)
            {
                if (places is not null)
                    return places.TryGetValue(name, out Position place) ? place : null;
                foreach (Member member in members!)
                {
                    if (member.Name == name)
                        return member.Position;
                }

                return null;
            }

            /// <summary>Adds a member to an object.</summary>
            public void Add(Member member)
            {
                members!.Add(member);
                if (places is null && members.Count == SearchedMax)
                    places = members.ToDictionary(m => m.Name, m => m.Position, StringComparer.Ordinal);
                else
                    places?.Add(member.Name, member.Position);
            }
        }
    }
}
