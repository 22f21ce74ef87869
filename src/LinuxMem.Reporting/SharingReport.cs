using System.Text.Json;
using LinuxMem.Reporting.Json;
using LinuxMem.Reporting.Sections;
using LinuxMem.Simulation.Sharing;

namespace LinuxMem.Reporting;

/// <summary>Who shares which frames with whom: tables for people, an object for programs.</summary>
public static class SharingReport
{
    private static readonly JsonWriterOptions Format = new() { Indented = true, NewLine = "\n" };

    /// <summary>Writes the tables.</summary>
    public static void Write(TextWriter output, SharingResult sharing, bool all) =>
        SharingSection.Write(output, sharing, all);

    /// <summary>Writes the object that a run's JSON has as "sharing", and a line break.</summary>
    public static void WriteJson(Stream utf8, SharingResult sharing)
    {
        using (var json = new Utf8JsonWriter(utf8, Format))
        {
            json.WriteStartObject();
            SharingJson.WriteMembers(json, sharing);
            json.WriteEndObject();
        }

        utf8.WriteByte((byte)'\n');
    }
}
