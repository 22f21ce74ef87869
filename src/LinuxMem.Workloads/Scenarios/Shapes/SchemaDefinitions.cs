namespace LinuxMem.Workloads.Scenarios.Shapes;

/// <summary>
/// The shapes that a schema describes once, under $defs, because they occur in several places or inside themselves.
/// </summary>
internal sealed class SchemaDefinitions
{
    private readonly List<(string Name, Shape Shape)> definitions = [];

    /// <summary>How many there are; grows while they are written.</summary>
    public int Count => definitions.Count;

    /// <summary>One of them.</summary>
    public (string Name, Shape Shape) this[int index] => definitions[index];

    /// <summary>The reference to a shape, which is added if it is new.</summary>
    public string Reference(string name, Shape shape)
    {
        if (!definitions.Exists(d => d.Name == name))
            definitions.Add((name, shape));
        return "#/$defs/" + name;
    }
}
