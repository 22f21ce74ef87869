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
        var reader = new Utf8JsonReader(utf8, options);
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
            // The reader counts LF only, and columns in bytes: back to an offset, then to a place of ours.
            int at = OffsetOf(utf8, e.LineNumber ?? 0, e.BytePositionInLine ?? 0);
            bool isEmpty = builder.Root is null && !builder.HasBegun && IsAtEnd(utf8, at);
            errors.Add(new TextLocator(utf8, source).At(at), isEmpty
                ? "there is nothing here; expected a scenario, an object { ... }"
                : $"not valid JSON: {Reason(e)}");
            return null;
        }
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

            Node node = Place(NodeOf(ref reader, position));
            if (node.Kind is not (NodeKind.Object or NodeKind.Array))
                return true;
            if (open.Count == DepthMax)
            {
                errors.Add(position, $"objects and arrays are nested too deep; expected at most {DepthMax} levels");
                return false;
            }

            bool isObject = node.Kind == NodeKind.Object;
            open.Push(isObject
                ? new Open(node, [], (List<Member>)node.Members, new(StringComparer.Ordinal))
                : new Open(node, (List<Node>)node.Items, [], null));
            return true;
        }

        private Node NodeOf(ref Utf8JsonReader reader, Position position) => reader.TokenType switch
        {
            JsonTokenType.StartObject => new Node(NodeKind.Object, position) { Members = new List<Member>() },
            JsonTokenType.StartArray => new Node(NodeKind.Array, position) { Items = new List<Node>() },
            JsonTokenType.String => new Node(NodeKind.String, position) { Text = Text(ref reader, position) ?? "" },
            JsonTokenType.Number =>
                new Node(NodeKind.Number, position) { Text = Encoding.ASCII.GetString(reader.ValueSpan) },
            JsonTokenType.True => new Node(NodeKind.True, position),
            JsonTokenType.False => new Node(NodeKind.False, position),
            _ => new Node(NodeKind.Null, position),
        };

        private Node Place(Node node)
        {
            if (!open.TryPeek(out var parent))
                return Root = node;
            if (parent.Keys is null)
            {
                node = node with { Owner = parent.Label, ItemNumber = parent.Items.Count + 1 };
                parent.Items.Add(node);
                return node;
            }

            node = node with { Owner = Quoting.Quote(key!) };
            if (parent.Keys.TryAdd(key!, keyPosition))
                parent.Members.Add(new Member(key!, keyPosition, node));
            else
                errors.Add(keyPosition,
                    $"the key {node.Label} is given twice; expected it once, as at {Short(parent.Keys[key!])}");
            return node;
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

        /// <summary>An object or array that has not ended, and where its contents go.</summary>
        private sealed record Open(
            Node Node, List<Node> Items, List<Member> Members, Dictionary<string, Position>? Keys)
        {
            public string Label { get; } = Node.Label;
        }
    }
}
