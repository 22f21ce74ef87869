using System.Text.Json;
using LinuxMem.Reporting.Json;
using LinuxMem.Reporting.Text;
using LinuxMem.Simulation.Faults;

namespace LinuxMem.Reporting;

/// <summary>The list of fault points, as text and as JSON.</summary>
public static class FaultCatalogue
{
    private const int Width = 100;

    private static readonly (string Name, string Default, string Description)[] Common =
    [
        ("interval", "1", "of those that get as far, every how manieth may fail"),
        ("probability", "0", "how likely a failure is, in percent; 0 is never"),
        ("space", "0", "nothing fails before so much has been asked for: pages, or bytes"),
        ("times", "1", "how often it fails at most; -1 for no limit"),
        ("verbose", "2", "how much the kernel's log tells: 0, 1, 2"),
        ("task-filter", "N", "Y: only tasks with make-it-fail fail"),
        ("require", "*", "sites or operations that fail, as a pattern (Linux: require-start, require-end)"),
        ("reject", "", "sites or operations that do not (Linux: reject-start, reject-end)"),
    ];

    /// <summary>Writes the list for people.</summary>
    public static void Write(TextWriter output)
    {
        output.WriteLine("Parameters of every fault point, and their defaults:");
        foreach ((string name, string usual, string description) in Common)
            output.WriteLine($"  {name,-12} {usual,-3} {description}");
        foreach (FaultPoint point in FaultPoint.All)
        {
            output.WriteLine();
            output.WriteLine(point.Name);
            Wrap(output, "  ", point.Summary);
            Wrap(output, "  correct: ", point.Correct);
            foreach (FaultParameter parameter in point.Parameters)
                Wrap(output, $"  {parameter.Name} (default {parameter.Default}): ", parameter.Description);
            foreach (FaultSite site in point.Sites)
                Wrap(output, $"  at {site.Name}{(site.Cache.Length == 0 ? "" : $" [{site.Cache}]")}: ",
                    $"{site.Correct} ({site.Source})");
        }

        output.WriteLine();
        output.WriteLine($"{FaultPoint.All.Count} points, {FaultSite.All.Count} sites.");
    }

    /// <summary>Writes the list for programs.</summary>
    public static void WriteJson(TextWriter output) => JsonText.Write(output, json =>
    {
        json.WriteStartArray("parameters");
        foreach ((string name, string usual, string description) in Common)
            WriteParameter(json, name, usual, description);
        json.WriteEndArray();
        json.WriteStartArray("points");
        foreach (FaultPoint point in FaultPoint.All)
            WritePoint(json, point);
        json.WriteEndArray();
    });

    private static void WritePoint(Utf8JsonWriter json, FaultPoint point)
    {
        json.WriteStartObject();
        json.WriteString("name", point.Name);
        json.WriteString("summary", point.Summary);
        json.WriteString("correct", point.Correct);
        json.WriteStartArray("parameters");
        foreach (FaultParameter parameter in point.Parameters)
            WriteParameter(json, parameter.Name, parameter.Default, parameter.Description);
        json.WriteEndArray();
        json.WriteStartArray("sites");
        foreach (FaultSite site in point.Sites)
        {
            json.WriteStartObject();
            json.WriteString("name", site.Name);
            json.WriteString("cache", site.Cache);
            json.WriteString("source", site.Source);
            json.WriteString("correct", site.Correct);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteParameter(Utf8JsonWriter json, string name, string usual, string description)
    {
        json.WriteStartObject();
        json.WriteString("name", name);
        json.WriteString("default", usual);
        json.WriteString("description", description);
        json.WriteEndObject();
    }

    // Lines that follow the first are set in by four.
    private static void Wrap(TextWriter output, string head, string text)
    {
        string line = head;
        foreach (string word in text.Split(' '))
        {
            if (line.Length + word.Length > Width)
            {
                output.WriteLine(line.TrimEnd());
                line = "    ";
            }

            line += SafeText.Clean(word) + " ";
        }

        output.WriteLine(line.TrimEnd());
    }
}
