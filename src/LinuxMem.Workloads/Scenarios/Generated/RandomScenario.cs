using System.Text.Encodings.Web;
using System.Text.Json;
using LinuxMem.Simulation.Random;

namespace LinuxMem.Workloads.Scenarios.Generated;

/// <summary>
/// Random scenarios of small machines (256 to 1,024 frames, where bugs are dense), drawn from a seed. They are texts as
/// people write them: what is found with one can be printed, read, run again and made smaller.
/// </summary>
public static class RandomScenario
{
    /// <summary>What stands before the seed where a scenario is named: "random:7".</summary>
    public const string Prefix = "random:";

    private static readonly string[] Policies = ["two-list", "two-list", "two-list", "mglru", "aging", "clock", "fifo"];

    private static readonly JsonWriterOptions Format = new()
    {
        Indented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The scenario of a seed, as UTF-8. The same for ever in one build.</summary>
    public static byte[] Text(ulong seed)
    {
        var stream = new RandomStream(RandomStream.Derive(seed, "scenario"));
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Format))
        {
            json.WriteStartObject();
            json.WriteString("name", $"random-{seed}");
            json.WriteNumber("seed", seed);
            bool hasDisk = stream.Percent(60);
            WriteMachine(json, ref stream, hasDisk, out ulong pages);
            WriteEngine(json);
            json.WriteStartArray("processes");
            int count = 1 + (int)stream.Below(4);
            for (int i = 0; i < count; i++)
                WriteProcess(json, ref stream, i, pages / (ulong)count);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return buffer.ToArray();
    }

    private static void WriteMachine(Utf8JsonWriter json, ref RandomStream stream, bool hasDisk, out ulong pages)
    {
        pages = stream.Percent(50) ? 256 : 256 + 64 * stream.Below(13);
        json.WriteStartObject("machine");
        json.WriteNumber("cpus", 1 + stream.Below(4));
        json.WriteString("memory", $"{pages * 4}KiB");
        json.WriteString("contents", stream.Percent(80) ? "tags" : "bytes");
        if (stream.Percent(60))
            json.WriteString("slice", $"{2 + stream.Below(100)}us");
        json.WriteString("replacement", Policies[stream.Below((ulong)Policies.Length)]);
        if (stream.Percent(50))
            json.WriteNumber("pcpHighPages", stream.Below(32));
        if (stream.Percent(20))
            json.WriteNumber("overcommitMemory", stream.Below(3));
        if (stream.Percent(30))
        {
            // Few tags make address spaces share them, and small TLBs forget.
            json.WriteStartObject("tlb");
            json.WriteNumber("asids", 1 + stream.Below(4));
            json.WriteEndObject();
        }

        if (hasDisk)
            WriteDisk(json, ref stream, pages);
        json.WriteEndObject();
    }

    private static void WriteDisk(Utf8JsonWriter json, ref RandomStream stream, ulong pages)
    {
        json.WriteStartArray("disks");
        json.WriteStartObject();
        json.WriteString("preset", stream.Percent(50) ? "nvme" : "ssd");
        json.WriteEndObject();
        json.WriteEndArray();
        if (!stream.Percent(70))
            return;
        // From hardly any to more than all of memory.
        ulong slots = stream.Percent(30) ? 4 + 2 * stream.Below(16) : 32 + 2 * stream.Below(pages / 2);
        json.WriteStartArray("swap");
        json.WriteStartObject();
        json.WriteString("size", $"{slots * 4}KiB");
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private static void WriteEngine(Utf8JsonWriter json)
    {
        json.WriteStartObject("engine");
        json.WriteString("audit", "round");
        // All but machines that stand still are done by then; one that thrashes, with every return from the kernel
        // delayed, may take half a minute.
        json.WriteString("maxVirtual", "1000s");
        json.WriteEndObject();
    }

    private static void WriteProcess(Utf8JsonWriter json, ref RandomStream stream, int number, ulong pages)
    {
        json.WriteStartObject();
        json.WriteString("name", $"p{number}");
        json.WriteString("onError", "ignore");
        if (stream.Percent(40))
            json.WriteString("startAt", $"{stream.Below(200)}us");
        if (stream.Percent(10))
            json.WriteNumber("oomScoreAdj", (int)stream.Below(2000) - 999);
        json.WriteStartObject("image");
        json.WriteString("text", "16KiB");
        json.WriteString("data", "16KiB");
        json.WriteString("bss", "8KiB");
        json.WriteEndObject();
        new RandomSteps(json, stream.Next(), pages).WriteProgram();
        json.WriteEndObject();
    }
}
