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
            RandomMachine machine = RandomMachine.Write(json, ref stream);
            WriteEngine(json);
            machine.WriteSurroundings(json, ref stream);
            json.WriteStartArray("processes");
            int count = 1 + (int)stream.Below(4);
            var budget = new TouchBudget();
            for (int i = 0; i < count; i++)
                WriteProcess(json, ref stream, machine, i, machine.Pages / (ulong)count, budget);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return buffer.ToArray();
    }

    private static void WriteEngine(Utf8JsonWriter json)
    {
        json.WriteStartObject("engine");
        json.WriteString("audit", "round");
        // All but machines that stand still are done by then; one that thrashes, with every return from the kernel
        // delayed, may take half a minute.
        json.WriteString("maxVirtual", "100s");
        json.WriteEndObject();
    }

    private static void WriteProcess(Utf8JsonWriter json, ref RandomStream stream, RandomMachine machine, int number,
        ulong pages, TouchBudget budget)
    {
        json.WriteStartObject();
        json.WriteString("name", $"p{number}");
        json.WriteString("onError", "ignore");
        if (stream.Percent(40))
            json.WriteString("startAt", $"{stream.Below(200)}us");
        if (stream.Percent(20))
            json.WriteNumber("oomScoreAdj", (int)stream.Below(2001) - 1000);
        machine.WriteMembership(json, ref stream);
        json.WriteStartObject("image");
        json.WriteString("text", "16KiB");
        json.WriteString("data", "16KiB");
        json.WriteString("bss", "8KiB");
        json.WriteEndObject();
        new RandomSteps(json, stream.Next(), pages, machine, budget).WriteProgram();
        json.WriteEndObject();
    }
}
