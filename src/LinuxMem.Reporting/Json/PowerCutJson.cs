using System.Text.Json;
using LinuxMem.Simulation.Faults;

namespace LinuxMem.Reporting.Json;

/// <summary>What came of cutting the power in thought, for programs.</summary>
internal static class PowerCutJson
{
    /// <summary>Writes the key "powerCuts" with its object.</summary>
    public static void Write(Utf8JsonWriter json, PowerCutResult cut)
    {
        json.WriteStartObject("powerCuts");
        WriteCounts(json, cut);
        WriteViolations(json, cut);
        json.WriteEndObject();
    }

    /// <summary>Writes the counts.</summary>
    public static void WriteCounts(Utf8JsonWriter json, PowerCutResult cut)
    {
        json.WriteNumber("cuts", cut.Cuts);
        json.WriteNumber("tornPages", cut.TornPages);
        json.WriteNumber("promises", cut.Promises);
        json.WriteNumber("checks", cut.Checks);
        json.WriteNumber("lostByDisk", cut.LostByDisk);
    }

    /// <summary>Writes what was promised and is not there.</summary>
    public static void WriteViolations(Utf8JsonWriter json, PowerCutResult cut)
    {
        json.WriteStartArray("violations");
        foreach (string violation in cut.Violations)
            json.WriteStringValue(violation);
        json.WriteEndArray();
    }
}
