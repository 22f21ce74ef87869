using System.Text.Json;
using LinuxMem.Simulation.Results;

namespace LinuxMem.Reporting.Json;

/// <summary>The disks of a result as JSON.</summary>
internal static class DiskJson
{
    /// <summary>Writes the array.</summary>
    public static void Write(Utf8JsonWriter json, RunResult result)
    {
        json.WriteStartArray("disks");
        foreach (DiskResult disk in result.Disks)
        {
            json.WriteStartObject();
            json.WriteString("name", RunResultJson.WellFormed(disk.Name));
            json.WriteNumber("reads", disk.Reads);
            json.WriteNumber("readMerges", disk.ReadMerges);
            json.WriteNumber("readBytes", disk.ReadBytes);
            json.WriteNumber("readNs", disk.ReadNs);
            json.WriteNumber("writes", disk.Writes);
            json.WriteNumber("writeMerges", disk.WriteMerges);
            json.WriteNumber("writtenBytes", disk.WrittenBytes);
            json.WriteNumber("writeNs", disk.WriteNs);
            json.WriteNumber("busyNs", disk.BusyNs);
            json.WriteNumber("inFlight", disk.InFlight);
            json.WriteNumber("queueThousandths", disk.QueueThousandths(result.VirtualNs));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
