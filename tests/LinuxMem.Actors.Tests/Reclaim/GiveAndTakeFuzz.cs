using System.Globalization;
using System.Text;
using LinuxMem.Actors.Tests.Support;
using LinuxMem.Simulation.Random;
using LinuxMem.Simulation.Settings;
using Xunit.Abstractions;

namespace LinuxMem.Actors.Tests.Reclaim;

/// <summary>
/// Machines of 64 to 255 frames without swap, with nine slots of it or with two areas, whose processes lock memory,
/// give it away, page it out and drop it, while somebody takes swap areas into and out of use: no invariant broken in
/// any round, one digest. LINUXMEM_CHAOS_FIRST and LINUXMEM_CHAOS_COUNT choose the seeds.
/// </summary>
public class GiveAndTakeFuzz(ITestOutputHelper output)
{
    private static readonly string[] Advice = ["free", "pageout", "cold", "dontneed", "willneed"];

    [Fact]
    public void Tiny_machines_keep_every_promise_and_have_one_digest() =>
        SeedSweep.Check(output, 25, ProblemOf);

    private static string? ProblemOf(ulong seed)
    {
        var random = new RandomStream(RandomStream.Derive(seed, "give and take"));
        string text = TextOf(ref random);
        string engine = "";
        string expected = "";
        try
        {
            Scenario scenario = Scenarios.Parse(text) with { EndNs = 20_000_000 };
            for (int way = 0; way < 3; way++)
            {
                EngineSettings settings = way switch
                {
                    0 => scenario.Engine with { Audit = AuditLevel.Round, WindowNs = 20_000 },
                    1 => scenario.Engine with { Audit = AuditLevel.End, WindowNs = 3_600_000_000_000 },
                    _ => scenario.Engine with { WindowNs = ChaosScenario.Window(ref random), Threads = 2 },
                };
                engine = settings.ToString();
                Scenario one = scenario with { Engine = settings };
                string outcome = way < 2 ? Outcome.OfLoop(one) : Outcome.OfActors(one);
                if (way == 0)
                    expected = outcome;
                if (outcome != expected || outcome.Contains("violated", StringComparison.Ordinal))
                    return $"{expected} != {outcome} with {engine}\n{text}";
            }
        }
        catch (Exception bug) when (bug is not OutOfMemoryException)
        {
            return $"{bug} with {engine}\n{text}";
        }

        return null;
    }

    private static string TextOf(ref RandomStream random)
    {
        string[] policies = ["two-list", "two-list", "mglru", "clock", "lru", "fifo", "random", "aging"];
        string[] contents = ["tags", "tags", "bytes"];
        int swap = (int)random.Below(4);
        var text = new StringBuilder(
            $$"""{ "name": "tiny", "seed": {{random.Below(1000)}}, "machine": { "cpus": {{1 + random.Below(3)}}, """);
        text.Append(CultureInfo.InvariantCulture, $"\"memory\": \"{4 * (64 + random.Below(192))}KiB\", ");
        text.Append("\"overcommitMemory\": 1, \"minFreeKbytes\": 16, ");
        text.Append(CultureInfo.InvariantCulture, $"\"replacement\": \"{policies[random.Below(8)]}\", ");
        text.Append(CultureInfo.InvariantCulture, $"\"contents\": \"{contents[random.Below(3)]}\", ");
        text.Append("\"disks\": [ { \"preset\": \"nvme\", \"size\": \"64MiB\" } ]");
        if (swap > 0)
            text.Append(", \"swap\": [ ").Append(Areas(swap, ref random)).Append(" ]");
        text.Append(" }, \"processes\": [ ");
        for (int i = 1 + (int)random.Below(3); i > 0; i--)
            text.Append(Process(ref random));
        if (swap == 3)
            text.Append(Admin(ref random));
        return text.Append(" ] }").ToString();
    }

    private static string Areas(int swap, ref RandomStream random) => swap switch
    {
        1 => "{ \"size\": \"40KiB\", \"path\": \"/a\" }",
        2 => "{ \"size\": \"1MiB\", \"path\": \"/a\" }",
        _ => string.Create(CultureInfo.InvariantCulture, $$"""
            { "size": "{{8 * (4 + random.Below(30))}}KiB", "path": "/a", "priority": {{random.Below(2)}} },
            { "size": "1MiB", "path": "/b", "priority": {{random.Below(2)}} },
            { "size": "{{8 * (4 + random.Below(100))}}KiB", "path": "/c", "on": false }
            """),
    };

    private static string Process(ref RandomStream random)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{{ \"name\": \"p\", \"oomScoreAdj\": {random.Below(3) * 100}, ");
        text.Append(CultureInfo.InvariantCulture, $"\"startAt\": \"{random.Below(200)}us\", \"steps\": [ ");
        text.Append("{ \"open\": { \"path\": \"/data\", \"size\": \"64KiB\", \"as\": \"f\" } }, ");
        string[] kinds = ["", ", \"shared\": true", ", \"droppable\": true", ", \"file\": \"f\", \"prot\": \"r\""];
        for (int region = 0; region < 4; region++)
        {
            ulong pages = region == 3 ? 16 : 8 + random.Below(60);
            text.Append(CultureInfo.InvariantCulture,
                $"{{ \"mmap\": {{ \"length\": \"{4 * pages}KiB\", \"as\": \"r{region}\"{kinds[region]} }} }}, ");
        }

        Steps(text, 4 + (int)random.Below(20), 0, ref random);
        return text.Append("{ \"sleep\": \"1us\" } ] }, ").ToString();
    }

    private static void Steps(StringBuilder text, int count, int depth, ref RandomStream random)
    {
        for (int i = 0; i < count; i++)
        {
            int region = (int)random.Below(4);
            ulong offset = 4 * random.Below(8), length = 4 * (1 + random.Below(30));
            string range = string.Create(CultureInfo.InvariantCulture,
                $"\"region\": \"r{region}\", \"offset\": \"{offset}KiB\"");
            // Beyond the end nothing may be mapped: only what is sure to be there is named with a length.
            string part = region == 3 ? range : range + string.Create(CultureInfo.InvariantCulture,
                $", \"length\": \"{Math.Min(length, 32 - offset)}KiB\"");
            switch (random.Below(10))
            {
                case 0 when region != 2:
                    text.Append("{ \"mlock\": { ").Append(part).Append(random.Percent(40) ? ", \"onFault\": true" : "")
                        .Append(" } }, ");
                    break;
                case 1:
                    text.Append("{ \"munlock\": { ").Append(part).Append(" } }, ");
                    break;
                case 2 or 3 when region is 0 or 2:
                    text.Append("{ \"munlock\": { ").Append(range).Append(" } }, ");
                    text.Append("{ \"madvise\": { ").Append(range).Append(", \"advice\": \"")
                        .Append(Advice[random.Below(5)]).Append("\" } }, ");
                    break;
                case 4 when depth < 2:
                    text.Append(random.Percent(70) ? "{ \"fork\": { \"steps\": [ " : "{ \"thread\": { \"steps\": [ ");
                    Steps(text, 1 + (int)random.Below(6), depth + 1, ref random);
                    text.Append("{ \"sleep\": \"1us\" } ] } }, ");
                    break;
                case 5:
                    text.Append("{ \"munlockall\": {} }, ");
                    break;
                default:
                    text.Append("{ \"access\": { \"region\": \"r").Append(region).Append("\", \"pattern\": \"")
                        .Append(random.Percent(50) ? "uniform" : "sequential").Append("\", \"count\": ")
                        .Append(1 + random.Below(120)).Append(", \"writePercent\": ")
                        .Append(region == 3 ? 0 : random.Below(101)).Append(" } }, ");
                    break;
            }
        }
    }

    // Any of its calls may fail, and it may be killed: the errors are not judged.
    private static string Admin(ref RandomStream random)
    {
        var text = new StringBuilder("{ \"name\": \"admin\", \"oomScoreAdj\": -500, \"startAt\": \"100us\", ");
        text.Append("\"steps\": [ ");
        text.Append("{ \"swapoff\": { \"path\": \"/a\" } }, { \"swapon\": { \"path\": \"/c\", \"priority\": 1 } }, ");
        text.Append(CultureInfo.InvariantCulture, $"{{ \"sleep\": \"{random.Below(900)}us\" }}, ");
        text.Append("{ \"swapoff\": { \"path\": \"/b\" } }, { \"swapon\": { \"path\": \"/a\" } }, ");
        return text.Append("{ \"swapoff\": { \"path\": \"/c\" } } ] }").ToString();
    }
}
