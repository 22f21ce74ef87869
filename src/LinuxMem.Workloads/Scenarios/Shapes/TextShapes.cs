using System.Text;
using System.Text.Json;
using LinuxMem.Workloads.Scenarios.Json;

namespace LinuxMem.Workloads.Scenarios.Shapes;

/// <summary>Any text without control characters, up to a length.</summary>
/// <param name="minChars">Least length in code points.</param>
/// <param name="maxChars">Greatest length in code points.</param>
internal sealed class TextShape(int minChars, int maxChars) : Shape<string>
{
    public override bool TryRead(Node node, ReadContext context, out string value)
    {
        value = node.Text;
        int length = node.Text.EnumerateRunes().Count();
        bool isText = node.Kind == NodeKind.String && length >= minChars && length <= maxChars
            && !node.Text.EnumerateRunes().Any(Rune.IsControl);
        return isText
            || context.Errors.Expected(node,
                $"a text of {minChars} to {maxChars} characters without control characters");
    }

    public override void WriteSchema(Utf8JsonWriter writer, SchemaDefinitions definitions)
    {
        writer.WriteString("type", "string");
        writer.WriteNumber("minLength", minChars);
        writer.WriteNumber("maxLength", maxChars);
    }

    public override bool TryWriteDefault(Utf8JsonWriter writer, string value)
    {
        writer.WriteString("default", value);
        return true;
    }
}

/// <summary>A name as programs have it: letters, digits, '-', '_' and '.', not beginning with '-' or '.'.</summary>
/// <param name="maxChars">Greatest length.</param>
internal sealed class NameShape(int maxChars) : Shape<string>
{
    public override bool TryRead(Node node, ReadContext context, out string value)
    {
        value = node.Text;
        bool isName = node.Kind == NodeKind.String && node.Text.Length >= 1 && node.Text.Length <= maxChars
            && node.Text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')
            && node.Text[0] is not ('-' or '.');
        return isName || context.Errors.Expected(
            node, $"a name of 1 to {maxChars} letters, digits, '-', '_' or '.', not beginning with '-' or '.'");
    }

    public override void WriteSchema(Utf8JsonWriter writer, SchemaDefinitions definitions)
    {
        writer.WriteString("type", "string");
        writer.WriteString("pattern", $"^[A-Za-z0-9_][A-Za-z0-9_.-]{{0,{maxChars - 1}}}$");
    }
}

/// <summary>One of a few words.</summary>
/// <param name="choices">The words and what they stand for.</param>
internal sealed class ChoiceShape<T>(IReadOnlyList<(string Name, T Value)> choices) : Shape<T>
{
    public override bool TryRead(Node node, ReadContext context, out T value)
    {
        value = default!;
        if (node.Kind != NodeKind.String)
            return context.Errors.Expected(node, Suggestion.OneOf([.. choices.Select(c => c.Name)]));
        foreach ((string name, T choice) in choices)
        {
            if (name == node.Text)
            {
                value = choice;
                return true;
            }
        }

        string hint = Suggestion.For(node.Text, choices.Select(c => c.Name));
        context.Errors.Add(node.Position, $"{node.Label} is {node.Describe()}, which is no choice here; {hint}");
        return false;
    }

    public override void WriteSchema(Utf8JsonWriter writer, SchemaDefinitions definitions)
    {
        writer.WriteStartArray("enum");
        foreach ((string name, _) in choices)
            writer.WriteStringValue(name);
        writer.WriteEndArray();
    }

    public override bool TryWriteDefault(Utf8JsonWriter writer, T value)
    {
        foreach ((string name, T choice) in choices)
        {
            if (EqualityComparer<T>.Default.Equals(choice, value))
            {
                writer.WriteString("default", name);
                return true;
            }
        }

        return false;
    }
}
