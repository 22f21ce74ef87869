using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using LinuxMem.Workloads.Scenarios.Keys;
using LinuxMem.Workloads.Scenarios.Shapes;

namespace LinuxMem.Workloads.Scenarios;

/// <summary>
/// The format of scenarios as a JSON Schema (draft 2020-12), for editors. Made from the table of keys that the reader
/// uses.
/// </summary>
public static class ScenarioSchema
{
    /// <summary>The schema, indented, with a line feed at the end.</summary>
    public static string Text { get; } = Write();

    private static string Write()
    {
        var buffer = new ArrayBufferWriter<byte>();
        var options = new JsonWriterOptions
        {
            Indented = true,
            NewLine = "\n",
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        };
        using (var writer = new Utf8JsonWriter(buffer, options))
        {
            var definitions = new SchemaDefinitions();
            writer.WriteStartObject();
            writer.WriteString("$schema", "https://json-schema.org/draft/2020-12/schema");
            writer.WriteString("title", "Scenario of LinuxMem.Actors");
            ScenarioKeys.Scenario.WriteSchema(writer, definitions);
            writer.WriteStartObject("$defs");
            // Writing a definition may add others behind it.
            for (int i = 0; i < definitions.Count; i++)
            {
                (string name, Shape shape) = definitions[i];
                writer.WriteStartObject(name);
                shape.WriteSchema(writer, definitions);
                writer.WriteEndObject();
            }

            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan) + "\n";
    }
}
