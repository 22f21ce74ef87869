using System.Text.Json;
using LinuxMem.Workloads.Scenarios.Json;

namespace LinuxMem.Workloads.Scenarios.Shapes;

/// <summary>
/// One of several things, chosen by name: { "zipf": { "exponent": 1 } }, or "zipf" alone where nothing more has to be
/// said.
/// </summary>
/// <param name="what">What is chosen, with its article: "a step".</param>
/// <param name="variants">The choices.</param>
internal sealed class UnionShape<T>(string what, IReadOnlyList<Variant<T>> variants) : Shape<T>
{
    private readonly Dictionary<string, Variant<T>> byName =
        variants.ToDictionary(v => v.Name, StringComparer.Ordinal);

    public override bool TryRead(Node node, ReadContext context, out T value)
    {
        value = default!;
        if (node.Kind == NodeKind.String)
            return TryReadBare(node, context, out value);
        if (node.Kind != NodeKind.Object)
            return context.Errors.Expected(node, $"{what}, an object with one key");
        if (node.Members.Count != 1)
        {
            string found = node.Members.Count == 0 ? "no key" : $"{node.Members.Count} keys";
            context.Errors.Add(node.Position, $"{what} has {found}; expected exactly one, its name");
            return false;
        }

        Member member = node.Members[0];
        if (Find(member.Name) is { } variant)
            return variant.Shape.TryRead(member.Value, context, out value);
        string hint = Suggestion.For(member.Name, variants.Select(v => v.Name));
        context.Errors.Add(member.Position, $"{Quoting.Quote(member.Name)} is not the name of {what}; {hint}");
        return false;
    }

    public override void WriteSchema(Utf8JsonWriter writer, SchemaDefinitions definitions)
    {
        writer.WriteStartArray("oneOf");
        if (variants.Any(v => v.IsBare))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("enum");
            foreach (Variant<T> variant in variants.Where(v => v.IsBare))
                writer.WriteStringValue(variant.Name);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        foreach (Variant<T> variant in variants)
        {
            writer.WriteStartObject();
            writer.WriteString("type", "object");
            writer.WriteString("description", variant.Description);
            writer.WriteBoolean("additionalProperties", false);
            writer.WriteStartObject("properties");
            writer.WriteStartObject(variant.Name);
            variant.Shape.WriteSchema(writer, definitions);
            writer.WriteEndObject();
            writer.WriteEndObject();
            writer.WriteStartArray("required");
            writer.WriteStringValue(variant.Name);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private bool TryReadBare(Node node, ReadContext context, out T value)
    {
        value = default!;
        if (Find(node.Text) is not { } variant)
        {
            string hint = Suggestion.For(node.Text, variants.Select(v => v.Name));
            context.Errors.Add(node.Position, $"{Quoting.Quote(node.Text)} is not the name of {what}; {hint}");
            return false;
        }

        if (variant.IsBare)
            return variant.Shape.TryRead(node with { Kind = NodeKind.Object, Text = "" }, context, out value);
        context.Errors.Add(node.Position,
            $"{Quoting.Quote(node.Text)} needs more to be said; expected {{ \"{variant.Name}\": ... }}");
        return false;
    }

    private Variant<T>? Find(string name) => byName.GetValueOrDefault(name);
}

/// <summary>A choice of a <see cref="UnionShape{T}"/>.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Description">A sentence for people who write scenarios.</param>
/// <param name="Shape">What follows the name.</param>
internal sealed record Variant<T>(string Name, string Description, Shape<T> Shape)
{
    /// <summary>Whether the name alone is enough.</summary>
    public bool IsBare => Shape is IBareShape { HasNoRequiredKey: true };
}
