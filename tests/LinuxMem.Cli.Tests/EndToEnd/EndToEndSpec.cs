using System.Text.Json;
using LinuxMem.Cli.Tests.Fakes;

namespace LinuxMem.Cli.Tests.EndToEnd;

/// <summary>The command with everything behind it: from a file to the result.</summary>
public sealed class EndToEndSpec
{
    private static readonly string[] RunKeys =
    [
        "scenario", "seed", "build", "threads", "digest", "virtualNs", "wallSeconds", "rounds", "accesses", "vmstat",
        "processes", "cpus", "memory", "audit",
    ];

    public static TheoryData<string, string> BadScenarios => new()
    {
        { "nothing", "" },
        { "no json", "hello" },
        { "a list", "[]" },
        { "no processes", "{ \"name\": \"x\" }" },
        { "an unknown key", "{ \"name\": \"x\", \"procesess\": [] }" },
        { "a key twice", "{ \"name\": \"x\", \"name\": \"y\", \"processes\": [] }" },
        { "no CPUs", "{ \"name\": \"x\", \"machine\": { \"cpus\": 0 }, \"processes\": [] }" },
        { "half a page", "{ \"name\": \"x\", \"machine\": { \"memory\": \"6KiB\" }, \"processes\": [] }" },
        { "a wrong unit", "{ \"name\": \"x\", \"machine\": { \"memory\": \"6us\" }, \"processes\": [] }" },
        { "an overflow", "{ \"name\": \"x\", \"machine\": { \"memory\": \"99999999999TiB\" }, \"processes\": [] }" },
        { "deep nesting", new string('[', 50_000) },
    };

    [Fact]
    public void A_run_as_json_has_every_documented_key()
    {
        RealRun run = RealRun.Of("run", "tiny", "--json", "--audit", "round");
        Assert.Equal(0, run.Code);
        Assert.Equal("", run.Error);
        using var json = JsonDocument.Parse(run.Output);
        JsonElement root = json.RootElement;
        Assert.All(RunKeys, key => Assert.True(root.TryGetProperty(key, out _), key));
        Has(root.GetProperty("processes")[0], "pid", "comm", "minflt", "majflt", "rssKiB", "maxRssKiB", "fate");
        Has(root.GetProperty("cpus")[0], "cpu", "accesses", "tlbHits", "tlbMisses", "shootdowns", "busyNs", "idleNs");
        Has(root.GetProperty("memory"), "totalPages", "freePages");
        Has(root.GetProperty("audit"), "level", "checks", "violations");
        Assert.True(root.GetProperty("accesses").GetInt64() > 20_000);
        Assert.Equal(0, root.GetProperty("audit").GetProperty("violations").GetArrayLength());
    }

    [Fact]
    public void A_digest_that_a_run_printed_is_what_the_next_one_expects()
    {
        string digest = DigestOf(RealRun.Of("run", "tiny", "--json"));
        string[] again = ["run", "tiny", "--threads", "2", "--set", "engine.windowNs=700", "--expect-digest", digest];
        Assert.Equal(0, RealRun.Of(again).Code);
        Assert.Equal(1, RealRun.Of([.. again, "--seed", "99"]).Code);
    }

    [Fact]
    public void Every_line_of_a_real_programs_log_is_accounted_for()
    {
        string log = RealRun.RepositoryFile("tests/LinuxMem.Workloads.Tests/Lackey/true.lackey.xz");
        RealRun run = RealRun.Of("replay", log, "--json");
        Assert.Equal("", run.Error);
        Assert.Equal(0, run.Code);
        using var json = JsonDocument.Parse(run.Output);
        JsonElement root = json.RootElement;
        long Number(string key) => root.GetProperty(key).GetInt64();
        Assert.Equal(Number("lines"),
            Number("accessLines") + Number("calls") + Number("notes") + Number("rejected"));
        Assert.Equal(Number("accepted") + Number("rejected"), Number("lines"));
        Assert.True(Number("accesses") >= Number("accessLines"), "an access line is at least one access");
        // /bin/true touches some dozens of pages of its own and its libraries'.
        Assert.InRange(root.GetProperty("processes")[0].GetProperty("minflt").GetInt64(), 30, 400);
    }

    [Theory]
    [MemberData(nameof(BadScenarios))]
    public void A_bad_scenario_is_2_with_a_reason_and_no_result(string what, string text)
    {
        using var folder = new TempDirectory();
        string path = folder["bad.json"];
        File.WriteAllText(path, text);
        RealRun run = RealRun.Of("run", path);
        Assert.True(run.Code == 2, $"{what}: exit code {run.Code}, {run.Error}");
        Assert.NotEqual("", run.Error);
        Assert.Equal("", run.Output);
    }

    [Fact]
    public void Files_that_cannot_be_read_are_3_or_2()
    {
        using var folder = new TempDirectory();
        Assert.Equal(3, RealRun.Of("run", folder["missing.json"]).Code);
        Assert.Contains(RealRun.Of("run", folder.Root).Code, new[] { 2, 3 });
        Assert.Equal(3, RealRun.Of("replay", folder["missing.log"]).Code);
        string binary = folder["binary.xz"];
        File.WriteAllBytes(binary, [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 1, 2, 3, 4]);
        Assert.Contains(RealRun.Of("replay", binary).Code, new[] { 2, 3 });
    }

    [Fact]
    public void A_log_without_answers_is_not_checked_and_the_message_names_it()
    {
        string folder = RealRun.RepositoryFile("tests/LinuxMem.Workloads.Tests/Lackey");
        string log = Path.Combine(folder, "true.lackey.xz");
        foreach (string path in (string[])[folder, log])
        {
            RealRun run = RealRun.Of("replay", path, "--check=calls");
            Assert.Equal(2, run.Code);
            Assert.Contains($"{path}: ", run.Error);
            Assert.Contains("of valgrind's lackey", run.Error);
        }
    }

    private static string DigestOf(RealRun run)
    {
        using var json = JsonDocument.Parse(run.Output);
        return json.RootElement.GetProperty("digest").GetString()!;
    }

    private static void Has(JsonElement owner, params string[] keys) =>
        Assert.All(keys, key => Assert.True(owner.TryGetProperty(key, out _), key));
}
