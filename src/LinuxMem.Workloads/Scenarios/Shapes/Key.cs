using System.Text.Json;
using LinuxMem.Workloads.Scenarios.Json;

namespace LinuxMem.Workloads.Scenarios.Shapes;

/// <summary>A key of an object: its name, what it says, and the shape of its value.</summary>
internal abstract class Key(string name, string description, bool isRequired)
{
    /// <summary>As it stands in the scenario.</summary>
    public string Name => name;

    /// <summary>A sentence for people who write scenarios.</summary>
    public string Description => description;

    /// <summary>Whether the object is wrong without it.</summary>
    public bool IsRequired => isRequired;

    /// <summary>Reads the value into <paramref name="values"/>; false when there was a mistake.</summary>
    public abstract bool Read(Node node, ReadContext context, KeyValues values);

    /// <summary>Writes the key's schema, with description and default.</summary>
    public abstract void WriteSchema(Utf8JsonWriter writer, SchemaDefinitions definitions);

    /// <summary>A key that must be there.</summary>
    public static Key<T> Required<T>(string name, Shape<T> shape, string description) => new(name, shape, description);

    /// <summary>A key that may be left out, and what holds then.</summary>
    public static Key<T> Optional<T>(string name, Shape<T> shape, T absent, string description) =>
        new(name, shape, description, absent);
}

/// <summary>A key whose value becomes a <typeparamref name="T"/>.</summary>
internal sealed class Key<T> : Key
{
    private readonly Shape<T> shape;

    public Key(string name, Shape<T> shape, string description)
        : base(name, description, isRequired: true)
    {
        this.shape = shape;
        Absent = default!;
    }

    public Key(string name, Shape<T> shape, string description, T absent)
        : base(name, description, isRequired: false)
    {
        this.shape = shape;
        Absent = absent;
    }

    /// <summary>What holds without the key.</summary>
    public T Absent { get; }

    public override bool Read(Node node, ReadContext context, KeyValues values)
    {
        if (!shape.TryRead(node, context, out T value))
            return false;
        values.Set(this, value, node.Position);
        return true;
    }

    public override void WriteSchema(Utf8JsonWriter writer, SchemaDefinitions definitions)
    {
        writer.WriteStartObject();
        writer.WriteString("description", Description);
        shape.WriteSchema(writer, definitions);
        if (!IsRequired && Absent is not null)
            shape.TryWriteDefault(writer, Absent);
        writer.WriteEndObject();
    }
}
