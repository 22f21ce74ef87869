using System.Text.Json;
using LinuxMem.Workloads.Scenarios.Json;

namespace LinuxMem.Workloads.Scenarios.Shapes;

/// <summary>An object with known keys; any other key is a mistake.</summary>
/// <param name="what">What it describes, with its article: "a machine".</param>
/// <param name="keys">Its keys, in the order of the schema.</param>
/// <param name="build">Makes the value when every key is in order; may still find mistakes.</param>
internal sealed class ObjectShape<T>(string what, IReadOnlyList<Key> keys, Func<KeyValues, T> build)
    : Shape<T>, IBareShape
{
    private readonly Dictionary<string, Key> byName = keys.ToDictionary(k => k.Name, StringComparer.Ordinal);
    private readonly Key[] required = [.. keys.Where(k => k.IsRequired)];

    /// <inheritdoc/>
    public bool HasNoRequiredKey => required.Length == 0;

    public override bool TryRead(Node node, ReadContext context, out T value)
    {
        value = default!;
        if (node.Kind != NodeKind.Object)
            return context.Errors.Expected(node, $"{what}, an object {{ ... }}");
        var values = new KeyValues(node.Position, context);
        bool isSound = true;
        foreach (Member member in node.Members)
        {
            if (!byName.TryGetValue(member.Name, out Key? key))
            {
                string hint = Suggestion.For(member.Name, keys.Select(k => k.Name));
                context.Errors.Add(member.Position, $"unknown key {Quoting.Quote(member.Name)} in {what}; {hint}");
                isSound = false;
            }
            else
            {
                isSound &= key.Read(member.Value, context, values);
            }
        }

        foreach (Key key in required)
        {
            if (node.Find(key.Name) is not null)
                continue;
            context.Errors.Add(node.Position, $"{what} has no \"{key.Name}\"; expected {LowerFirst(key.Description)}");
            isSound = false;
        }

        if (isSound)
            value = build(values);
        return isSound;
    }

    public override void WriteSchema(Utf8JsonWriter writer, SchemaDefinitions definitions)
    {
        writer.WriteString("type", "object");
        writer.WriteBoolean("additionalProperties", false);
        writer.WriteStartObject("properties");
        foreach (Key key in keys)
        {
            writer.WritePropertyName(key.Name);
            key.WriteSchema(writer, definitions);
        }

        writer.WriteEndObject();
        if (HasNoRequiredKey)
            return;
        writer.WriteStartArray("required");
        foreach (Key key in required)
            writer.WriteStringValue(key.Name);
        writer.WriteEndArray();
    }

    private static string LowerFirst(string sentence) =>
        char.ToLowerInvariant(sentence[0]) + sentence[1..].TrimEnd('.');
}

/// <summary>
/// A shape that says whether its object may be empty: then its name alone is a short form where a choice is made by
/// name.
/// </summary>
internal interface IBareShape
{
    /// <summary>Whether an empty object is complete.</summary>
    bool HasNoRequiredKey { get; }
}
