using System.Text.Json;
using LinuxMem.Simulation.Choices;
using LinuxMem.Workloads.Scenarios.Json;
using LinuxMem.Workloads.Scenarios.Shapes;

namespace LinuxMem.Workloads.Scenarios.Keys;

/// <summary>A plan of decisions, by its text.</summary>
internal sealed class ChoicesShape : Shape<ChoicePlan?>
{
    public override bool TryRead(Node node, ReadContext context, out ChoicePlan? value)
    {
        value = null;
        bool isSound = node.Kind == NodeKind.String;
        if (isSound)
            value = ChoicePlan.Parse(node.Text, out isSound);
        return isSound || context.Errors.Expected(node, ChoicePlan.Expected);
    }

    public override void WriteSchema(Utf8JsonWriter writer, SchemaDefinitions definitions) =>
        writer.WriteString("type", "string");
}
