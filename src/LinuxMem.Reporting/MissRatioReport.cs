using System.Globalization;
using LinuxMem.Reporting.Json;
using LinuxMem.Reporting.Text;
using LinuxMem.Simulation.Results;

namespace LinuxMem.Reporting;

/// <summary>A miss ratio curve as a table, and as JSON.</summary>
public static class MissRatioReport
{
    /// <summary>Writes a table: a row a size, and for each policy the misses and their share.</summary>
    public static void WriteText(TextWriter output, MissRatioCurve curve)
    {
        output.WriteLine($"{Units.Exact(curve.References)} references to {Units.Exact(curve.Pages)} pages");
        output.WriteLine();
        List<TextColumn> columns = [TextColumn.Number("FRAMES")];
        foreach (PolicyMisses policy in curve.Policies)
            columns.AddRange([TextColumn.Number(policy.Policy), TextColumn.Number("RATIO")]);
        var table = new TextTable([.. columns]);
        for (int i = 0; i < curve.Frames.Count; i++)
        {
            List<string> row = [Units.Exact(curve.Frames[i])];
            foreach (PolicyMisses policy in curve.Policies)
                row.AddRange([Units.Exact(policy.Misses[i]), Ratio(policy.Misses[i], curve.References)]);
            table.Add([.. row]);
        }

        table.Write(output);
    }

    /// <summary>
    /// Writes one object: references, pages, frames (an array), and policies, each with its name, its misses and its
    /// ratios in the order of frames.
    /// </summary>
    public static void WriteJson(TextWriter output, MissRatioCurve curve) => JsonText.Write(output, json =>
    {
        json.WriteNumber("references", curve.References);
        json.WriteNumber("pages", curve.Pages);
        json.WriteStartArray("frames");
        foreach (int frames in curve.Frames)
            json.WriteNumberValue(frames);
        json.WriteEndArray();
        json.WriteStartArray("policies");
        foreach (PolicyMisses policy in curve.Policies)
        {
            json.WriteStartObject();
            json.WriteString("policy", policy.Policy);
            json.WriteStartArray("misses");
            foreach (long misses in policy.Misses)
                json.WriteNumberValue(misses);
            json.WriteEndArray();
            json.WriteStartArray("ratios");
            foreach (long misses in policy.Misses)
                json.WriteNumberValue((double)misses / curve.References);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });

    private static string Ratio(long misses, long references) =>
        ((double)misses / references).ToString("0.000000", CultureInfo.InvariantCulture);
}
