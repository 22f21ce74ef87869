using System.Text.Json;
using LinuxMem.Simulation.Sharing;

namespace LinuxMem.Reporting.Json;

/// <summary>Who shares which frames with whom, as JSON.</summary>
internal static class SharingJson
{
    /// <summary>Writes the members of the object.</summary>
    public static void WriteMembers(Utf8JsonWriter json, SharingResult sharing)
    {
        json.WriteNumber("atNs", sharing.AtNs);
        json.WriteNumber("mappedPages", sharing.MappedPages);
        json.WriteNumber("frames", sharing.Frames);
        json.WriteNumber("savedPages", sharing.SavedPages);
        WriteCopyOnWrite(json, sharing.CopyOnWrite);
        json.WriteStartArray("processes");
        foreach (SharingProcess process in sharing.Processes)
            WriteProcess(json, process);
        json.WriteEndArray();
        WriteNumbers(json, "matrixPids", sharing.MatrixPids.Select(pid => (long)pid));
        json.WriteStartArray("matrix");
        foreach (IReadOnlyList<long> row in sharing.Matrix)
            WriteNumbers(json, null, row);
        json.WriteEndArray();
        json.WriteStartArray("groups");
        foreach (SharingGroup group in sharing.Groups)
            WriteGroup(json, group);
        json.WriteEndArray();
        json.WriteNumber("otherGroups", sharing.OtherGroups);
        json.WriteStartArray("objects");
        foreach (SharedObject shared in sharing.Objects)
            WriteObject(json, shared);
        json.WriteEndArray();
    }

    private static void WriteCopyOnWrite(Utf8JsonWriter json, CopyOnWriteResult cow)
    {
        json.WriteStartObject("copyOnWrite");
        json.WriteNumber("forkedPages", cow.ForkedPages);
        json.WriteNumber("copiedPages", cow.CopiedPages);
        json.WriteNumber("avoidedPages", cow.AvoidedPages);
        json.WriteNumber("reusedPages", cow.ReusedPages);
        json.WriteNumber("zeroPages", cow.ZeroPages);
        json.WriteNumber("filePages", cow.FilePages);
        json.WriteNumber("sharedPages", cow.SharedPages);
        json.WriteNumber("meanSharedNs", cow.MeanSharedNs);
        json.WriteNumber("peakPages", cow.PeakPages);
        json.WriteNumber("peakNs", cow.PeakNs);
        json.WriteEndObject();
    }

    private static void WriteProcess(Utf8JsonWriter json, SharingProcess process)
    {
        json.WriteStartObject();
        json.WriteNumber("pid", process.Pid);
        json.WriteString("comm", RunResultJson.WellFormed(process.Comm));
        WriteNumbers(json, "pids", process.Pids.Select(pid => (long)pid));
        json.WriteNumber("rssPages", process.RssPages);
        json.WriteNumber("pssBytes", process.PssBytes);
        json.WriteNumber("privatePages", process.PrivatePages);
        json.WriteNumber("sharedAnonPages", process.SharedAnonPages);
        json.WriteNumber("sharedFilePages", process.SharedFilePages);
        json.WriteNumber("sharedShmemPages", process.SharedShmemPages);
        json.WriteEndObject();
    }

    private static void WriteGroup(Utf8JsonWriter json, SharingGroup group)
    {
        json.WriteStartObject();
        WriteNumbers(json, "pids", group.Pids.Select(pid => (long)pid));
        json.WriteNumber("anonFrames", group.AnonFrames);
        json.WriteNumber("fileFrames", group.FileFrames);
        json.WriteNumber("shmemFrames", group.ShmemFrames);
        json.WriteNumber("savedPages", group.SavedPages);
        json.WriteEndObject();
    }

    private static void WriteObject(Utf8JsonWriter json, SharedObject shared)
    {
        json.WriteStartObject();
        json.WriteString("name", RunResultJson.WellFormed(shared.Name));
        json.WriteString("kind", shared.IsShmem ? "shmem" : shared.IsText ? "text" : "file");
        json.WriteNumber("processes", shared.Processes);
        json.WriteNumber("frames", shared.Frames);
        json.WriteNumber("mappedPages", shared.MappedPages);
        json.WriteNumber("savedPages", shared.SavedPages);
        json.WriteEndObject();
    }

    private static void WriteNumbers(Utf8JsonWriter json, string? key, IEnumerable<long> numbers)
    {
        if (key is null)
            json.WriteStartArray();
        else
            json.WriteStartArray(key);
        foreach (long number in numbers)
            json.WriteNumberValue(number);
        json.WriteEndArray();
    }
}
