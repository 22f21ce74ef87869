using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using LinuxMem.Workloads.Scenarios.Json;

namespace LinuxMem.Workloads.Scenarios.Shapes;

/// <summary>A shape whose values become something else.</summary>
internal sealed class MapShape<TIn, TOut>(Shape<TIn> shape, Func<TIn, TOut> map) : Shape<TOut>, IBareShape
{
    /// <inheritdoc/>
    public bool HasNoRequiredKey => shape is IBareShape { HasNoRequiredKey: true };

    public override bool TryRead(Node node, ReadContext context, out TOut value)
    {
        bool isSound = shape.TryRead(node, context, out TIn inner);
        value = isSound ? map(inner) : default!;
        return isSound;
    }

    public override void WriteSchema(Utf8JsonWriter writer, SchemaDefinitions definitions) =>
        shape.WriteSchema(writer, definitions);
}

/// <summary>
/// A value that may be absent where its absence means something of its own; there is no way to write the absence.
/// </summary>
internal sealed class MaybeShape<T>(Shape<T> shape) : Shape<T?>
    where T : struct
{
    public override bool TryRead(Node node, ReadContext context, out T? value)
    {
        bool isSound = shape.TryRead(node, context, out T inner);
        value = isSound ? inner : null;
        return isSound;
    }

    public override void WriteSchema(Utf8JsonWriter writer, SchemaDefinitions definitions) =>
        shape.WriteSchema(writer, definitions);
}

/// <summary>
/// A shape that the schema describes once, under a name. The shape is asked for late, so that it may contain itself.
/// </summary>
internal sealed class NamedShape<T>(string name, Func<Shape<T>> shape) : Shape<T>
{
    public override bool TryRead(Node node, ReadContext context, out T value) =>
        shape().TryRead(node, context, out value);

    public override void WriteSchema(Utf8JsonWriter writer, SchemaDefinitions definitions) =>
        writer.WriteString("$ref", definitions.Reference(name, shape()));

    public override bool TryWriteDefault(Utf8JsonWriter writer, T value) => shape().TryWriteDefault(writer, value);
}

/// <summary>A shape whose values are remembered with their places.</summary>
internal sealed class LocatedShape<T>(Shape<T> shape) : Shape<T>
    where T : class
{
    public override bool TryRead(Node node, ReadContext context, out T value)
    {
        bool isSound = shape.TryRead(node, context, out value);
        if (isSound)
            context.Locate(value, node.Position);
        return isSound;
    }

    public override void WriteSchema(Utf8JsonWriter writer, SchemaDefinitions definitions) =>
        shape.WriteSchema(writer, definitions);
}

/// <summary>An array of values of one shape, at least one of them.</summary>
/// <param name="item">The shape of each.</param>
/// <param name="max">Most items.</param>
/// <param name="what">What they are: "steps".</param>
internal sealed class ListShape<T>(Shape<T> item, int max, string what) : Shape<ImmutableArray<T>>
{
    public override bool TryRead(Node node, ReadContext context, out ImmutableArray<T> value)
    {
        value = [];
        string expected = string.Create(CultureInfo.InvariantCulture, $"an array of 1 to {max} {what}");
        if (node.Kind != NodeKind.Array)
            return context.Errors.Expected(node, expected);
        if (node.Items.Count == 0 || node.Items.Count > max)
        {
            string count = node.Items.Count.ToString(CultureInfo.InvariantCulture);
            context.Errors.Add(node.Position, $"{node.Label} has {count} items; expected {expected}");
            return false;
        }

        var items = ImmutableArray.CreateBuilder<T>(node.Items.Count);
        bool isSound = true;
        foreach (Node itemNode in node.Items)
        {
            isSound &= item.TryRead(itemNode, context, out T one);
            items.Add(one);
        }

        value = items.MoveToImmutable();
        return isSound;
    }

    public override void WriteSchema(Utf8JsonWriter writer, SchemaDefinitions definitions)
    {
        writer.WriteString("type", "array");
        writer.WriteNumber("minItems", 1);
        writer.WriteNumber("maxItems", max);
        writer.WriteStartObject("items");
        item.WriteSchema(writer, definitions);
        writer.WriteEndObject();
    }
}
