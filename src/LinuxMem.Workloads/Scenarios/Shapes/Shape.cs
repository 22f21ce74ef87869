using System.Text.Json;
using LinuxMem.Workloads.Scenarios.Json;

namespace LinuxMem.Workloads.Scenarios.Shapes;

/// <summary>
/// What a value in a scenario may look like. One description serves the reader and the JSON Schema, so that they cannot
/// differ.
/// </summary>
internal abstract class Shape
{
    /// <summary>Writes the members of the schema object for this shape; the braces are the caller's.</summary>
    public abstract void WriteSchema(Utf8JsonWriter writer, SchemaDefinitions definitions);
}

/// <summary>A shape whose values become a <typeparamref name="T"/>.</summary>
internal abstract class Shape<T> : Shape
{
    /// <summary>Reads a value; false when there was a mistake, which is then among the errors.</summary>
    public abstract bool TryRead(Node node, ReadContext context, out T value);

    /// <summary>Writes a value as the schema's "default". False if this shape has no short form for it.</summary>
    public virtual bool TryWriteDefault(Utf8JsonWriter writer, T value) => false;
}
