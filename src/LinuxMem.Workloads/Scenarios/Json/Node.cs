namespace LinuxMem.Workloads.Scenarios.Json;

/// <summary>What kind of value a node is.</summary>
internal enum NodeKind : byte
{
    Object,
    Array,
    String,
    Number,
    True,
    False,
    Null,
}

/// <summary>A JSON value with the place where it stands.</summary>
/// <param name="Kind">Kind of value.</param>
/// <param name="Position">Place of its first character.</param>
internal sealed record Node(NodeKind Kind, Position Position)
{
    /// <summary>What the root is called.</summary>
    public const string Document = "the document";

    /// <summary>A string's value, or a number's characters.</summary>
    public string Text { get; init; } = "";

    /// <summary>The key that it is the value of, in quotes; for an item of an array, the array.</summary>
    public string Owner { get; init; } = Document;

    /// <summary>For an item of an array: which one, from 1; else 0.</summary>
    public int ItemNumber { get; init; }

    /// <summary>What messages call it.</summary>
    public string Label =>
        ItemNumber == 0 ? Owner : FormattableString.Invariant($"item {ItemNumber} of {Owner}");

    /// <summary>An object's members, in their order; empty for others.</summary>
    public IReadOnlyList<Member> Members { get; init; } = [];

    /// <summary>An array's items; empty for others.</summary>
    public IReadOnlyList<Node> Items { get; init; } = [];

    /// <summary>The value in a few words, for "got ...".</summary>
    public string Describe() => Kind switch
    {
        NodeKind.Object => "an object",
        NodeKind.Array => "an array",
        NodeKind.String => "the text " + Quoting.Quote(Text),
        NodeKind.Number => "the number " + Quoting.Shorten(Text),
        NodeKind.True => "true",
        NodeKind.False => "false",
        _ => "null",
    };

    /// <summary>The value of a member, or null if there is none of that name.</summary>
    public Node? Find(string name)
    {
        foreach (Member member in Members)
        {
            if (member.Name == name)
                return member.Value;
        }

        return null;
    }
}

/// <summary>A member of an object.</summary>
/// <param name="Name">Its key.</param>
/// <param name="Position">Place of the key.</param>
/// <param name="Value">Its value.</param>
internal readonly record struct Member(string Name, Position Position, Node Value);
