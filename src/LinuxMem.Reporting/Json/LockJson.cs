using System.Text.Json;
using LinuxMem.Simulation.Results;

namespace LinuxMem.Reporting.Json;

/// <summary>What tasks waited for, as JSON.</summary>
internal static class LockJson
{
    /// <summary>Writes the key "locks".</summary>
    public static void Write(Utf8JsonWriter json, LockReport locks)
    {
        json.WriteStartObject("locks");
        json.WriteStartArray("classes");
        foreach (LockClassResult c in locks.Classes)
        {
            json.WriteStartObject();
            json.WriteString("class", c.Class);
            json.WriteNumber("acquired", c.Acquired);
            Write(json, "waits", c.Waits);
            Write(json, "holds", c.Holds);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("calls");
        foreach (LockCallResult c in locks.Calls)
        {
            json.WriteStartObject();
            json.WriteString("class", c.Class);
            json.WriteBoolean("writes", c.Writes);
            json.WriteString("call", c.Call);
            Write(json, "waits", c.Waits);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("instances");
        foreach (LockInstanceResult i in locks.Instances)
        {
            json.WriteStartObject();
            json.WriteString("class", i.Class);
            json.WriteNumber("instance", i.Instance);
            Write(json, "waits", i.Waits);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        WriteWorst(json, locks.Worst);
        json.WriteEndObject();
    }

    private static void WriteWorst(Utf8JsonWriter json, IReadOnlyList<LockWaitResult> worst)
    {
        json.WriteStartArray("worst");
        foreach (LockWaitResult w in worst)
        {
            json.WriteStartObject();
            json.WriteString("class", w.Class);
            json.WriteNumber("instance", w.Instance);
            json.WriteNumber("atNs", w.AtNs);
            json.WriteNumber("waitNs", w.WaitNs);
            json.WriteNumber("tid", w.Tid);
            json.WriteString("call", w.Call);
            json.WriteNumber("holderTid", w.HolderTid);
            json.WriteString("holderCall", w.HolderCall);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, string name, LockTimes times)
    {
        json.WriteStartObject(name);
        json.WriteNumber("count", times.Count);
        json.WriteNumber("totalNs", times.TotalNs);
        json.WriteNumber("maxNs", times.MaxNs);
        json.WriteNumber("p50Ns", times.P50Ns);
        json.WriteNumber("p90Ns", times.P90Ns);
        json.WriteNumber("p99Ns", times.P99Ns);
        json.WriteEndObject();
    }
}
