using System.Text;
using System.Text.Json;

namespace LinuxMem.Reporting.Json;

/// <summary>JSON objects as text.</summary>
internal static class JsonText
{
    /// <summary>Writes one object, indented, and a line break.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="write">Writes its keys and values.</param>
    public static void Write(TextWriter output, Action<Utf8JsonWriter> write)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        output.Write(Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length));
        output.Write('\n');
    }
}
