using System.Text;

namespace LinuxMem.Workloads.Strace.Reading;

/// <summary>What an argument looks like in the log.</summary>
internal enum StraceValueKind
{
    /// <summary>A number, or names of constants that make one.</summary>
    Number,

    /// <summary>A word or an expression whose value is not known.</summary>
    Word,

    /// <summary>A text in quotes: bytes.</summary>
    Text,

    /// <summary>{...}.</summary>
    Structure,

    /// <summary>[...].</summary>
    Array,

    /// <summary>The three dots of what strace leaves out.</summary>
    Ellipsis,

    /// <summary>name(...), such as makedev(0xfe, 0).</summary>
    Function,
}

/// <summary>An argument of a call, or a part of one.</summary>
internal sealed class StraceValue
{
    // Before None, which is made of it.
    private static readonly List<StraceField> Nothing = [];

    /// <summary>An argument that is not there.</summary>
    internal static readonly StraceValue None = new() { Kind = StraceValueKind.Word };

    internal StraceValueKind Kind { get; set; }

    /// <summary>The number; of no meaning for another kind.</summary>
    internal ulong Number { get; set; }

    /// <summary>The bytes of a text.</summary>
    internal byte[] Bytes { get; set; } = [];

    /// <summary>Whether strace cut a text or a list short.</summary>
    internal bool IsCut { get; set; }

    /// <summary>What the log says, unparsed.</summary>
    internal ReadOnlyMemory<byte> Raw { get; set; }

    /// <summary>The name of a function; the path that -y shows behind a descriptor; null for none.</summary>
    internal string? Label { get; set; }

    /// <summary>Members of a structure, elements of an array, arguments of a function.</summary>
    internal List<StraceField> Items { get; set; } = Nothing;

    /// <summary>What the kernel made of it: the right side of "=>"; null for none.</summary>
    internal StraceValue? After { get; set; }

    internal bool IsNumber => Kind == StraceValueKind.Number;

    /// <summary>A text as characters, one a byte where it is no UTF-8.</summary>
    internal string? AsString() => Kind == StraceValueKind.Text ? Encoding.UTF8.GetString(Bytes) : null;

    /// <summary>The member of a structure by its name; null if there is none.</summary>
    internal StraceValue? Member(string name)
    {
        foreach (var item in Items)
        {
            if (item.Name == name)
                return item.Value;
        }

        return null;
    }

    /// <summary>What the log says, as characters.</summary>
    public override string ToString() => Encoding.UTF8.GetString(Raw.Span);
}

/// <summary>A part of a structure, a list or an argument list.</summary>
/// <param name="Name">Its name; null for none.</param>
/// <param name="Value">What it is.</param>
internal readonly record struct StraceField(string? Name, StraceValue Value);
