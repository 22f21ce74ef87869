using System.Text;
using System.Text.Json;
using LinuxMem.Simulation;

namespace LinuxMem.Testing.Exploring;

/// <summary>What came of one run of an exploration: what its file keeps.</summary>
/// <param name="Number">The run's number: its seed.</param>
/// <param name="Verdict">All well, or the kind of finding.</param>
/// <param name="Digest">The run's digest; empty if it did not end.</param>
/// <param name="Finding">What was found, in words; empty if nothing was.</param>
/// <param name="Asked">Decisions that the machine was free to make.</param>
/// <param name="Unusual">Of these, those that were not made the usual way.</param>
/// <param name="Reached">What the run has reached, as bits of <see cref="Reachable"/>, in hexadecimal.</param>
/// <param name="Passed">The fault points that it passed, as <see cref="SwarmFaults.Passed"/> writes them.</param>
public sealed record RunRecord(
    ulong Number, Verdict Verdict, string Digest, string Finding, long Asked, long Unusual, string Reached,
    string Passed)
{
    /// <summary>The record as UTF-8; equal records give equal bytes.</summary>
    public byte[] ToJson()
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("run", Number);
            json.WriteString("verdict", Verdict.ToString());
            json.WriteString("digest", Digest);
            if (Finding.Length > 0)
                json.WriteString("finding", Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(Finding)));
            json.WriteNumber("asked", Asked);
            json.WriteNumber("unusual", Unusual);
            json.WriteString("reached", Reached);
            if (Passed.Length > 0)
                json.WriteString("passed", Passed);
            json.WriteEndObject();
        }

        return buffer.ToArray();
    }

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <exception cref="ConfigurationException">It is something else.</exception>
    public static RunRecord FromJson(ReadOnlyMemory<byte> utf8)
    {
        try
        {
            using var document = JsonDocument.Parse(utf8);
            JsonElement root = document.RootElement;
            return new RunRecord(
                root.GetProperty("run").GetUInt64(),
                Enum.Parse<Verdict>(root.GetProperty("verdict").GetString()!),
                root.GetProperty("digest").GetString()!,
                root.TryGetProperty("finding", out JsonElement finding) ? finding.GetString()! : "",
                root.GetProperty("asked").GetInt64(),
                root.GetProperty("unusual").GetInt64(),
                root.GetProperty("reached").GetString()!,
                root.TryGetProperty("passed", out JsonElement passed) ? passed.GetString()! : "");
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException
            or FormatException or ArgumentException)
        {
            throw new ConfigurationException("a record of the file is sound, and is no record of a run");
        }
    }
}

/// <summary>What a run came to.</summary>
public enum Verdict
{
    /// <summary>All is well.</summary>
    Well,

    /// <summary>An expectation of the scenario does not hold.</summary>
    Unexpected,

    /// <summary>It has not ended within the virtual time it has.</summary>
    Endless,

    /// <summary>An invariant of the machine is broken.</summary>
    Broken,

    /// <summary>The simulator failed.</summary>
    Failed,
}
