using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using LinuxMem.Reporting.Json;
using LinuxMem.Simulation.Faults;
using LinuxMem.Simulation.Results;

namespace LinuxMem.Reporting.Tests;

public sealed class RunResultJsonSpec
{
    private static string Render(RunResult result, double? wall = 1.5, ReplayTotals? replay = null)
    {
        using var stream = new MemoryStream();
        RunResultJson.Write(stream, result, wall, replay);
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static List<string> Validate(string json)
    {
        using var schema = JsonDocument.Parse(RunResultJson.SchemaText);
        using var value = JsonDocument.Parse(json);
        return JsonSchemaCheck.Validate(schema.RootElement, value.RootElement);
    }

    [Fact]
    public void The_object_is_as_the_snapshot_says() =>
        Snapshot.Matches(Render(SampleResult.Create(3), replay: SampleResult.Replay()), "result.json");

    [Fact]
    public void A_run_and_a_replay_conform_to_the_schema()
    {
        Assert.Empty(Validate(Render(SampleResult.Create())));
        Assert.Empty(Validate(Render(SampleResult.Create(), wall: null)));
        Assert.Empty(Validate(Render(SampleResult.Create(100) with { Seed = ulong.MaxValue },
            replay: SampleResult.Replay())));
    }

    [Theory]
    [InlineData("$.digest", "\"XYZ\"")]
    [InlineData("$.seed", "-1")]
    [InlineData("$.threads", "1.5")]
    [InlineData("$.extra", "1")]
    [InlineData("$.vmstat.pgfault", "\"1\"")]
    [InlineData("$.processes[0].pid", "null")]
    [InlineData("$.audit.level", "\"often\"")]
    [InlineData("$.lines", "5")]
    [InlineData("$.memory", null)]
    public void The_schema_refuses_what_the_command_never_writes(string path, string? value)
    {
        JsonNode root = JsonNode.Parse(Render(SampleResult.Create()))!;
        JsonNode owner = root;
        string[] steps = path[2..].Split('.');
        foreach (string step in steps[..^1])
            owner = step.EndsWith("[0]", StringComparison.Ordinal) ? owner[step[..^3]]![0]! : owner[step]!;
        if (value is null)
            owner.AsObject().Remove(steps[^1]);
        else
            owner[steps[^1]] = JsonNode.Parse(value);
        Assert.NotEmpty(Validate(root.ToJsonString()));
    }

    [Fact]
    public void Every_property_of_the_schema_is_written()
    {
        using var schema = JsonDocument.Parse(RunResultJson.SchemaText);
        RunResult result = SampleResult.Create() with
        {
            Faults = FaultSamples.Report(),
            PowerCut = new PowerCutResult(12, 3, 4, 40, 1, ["I38 violated: page 1 is not as it was synced"]),
            Groups = [SampleResult.Group()],
            Panic = new PanicResult(812_345_678, "System is deadlocked on memory"),
            Stall = new StallResult(812_345_678, "a CPU waits for ever for another's answer"),
        };
        using var value = JsonDocument.Parse(Render(result, replay: SampleResult.CheckedReplay()));
        Assert.Equal(
            schema.RootElement.GetProperty("properties").EnumerateObject().Select(property => property.Name),
            value.RootElement.EnumerateObject().Select(property => property.Name));
    }

    [Fact]
    public void Mappings_are_written_for_a_process_that_has_them_and_not_for_others()
    {
        var vma = new VmaResult(0x7f0000001000, 0x7f0000003000, "r-xp", 0x2000, "/bin/httpd", 8, 4);
        RunResult result = SampleResult.Create() with
        {
            Processes = [SampleResult.Process(0), SampleResult.Process(1) with { Vmas = [vma] }],
        };
        using var json = JsonDocument.Parse(Render(result));
        JsonElement processes = json.RootElement.GetProperty("processes");
        Assert.False(processes[0].TryGetProperty("vmas", out _), "nobody asked");
        JsonElement written = processes[1].GetProperty("vmas")[0];
        Assert.Equal(("7f0000001000", "7f0000003000", "r-xp", "2000"), (written.GetProperty("start").GetString(),
            written.GetProperty("end").GetString(), written.GetProperty("rights").GetString(),
            written.GetProperty("offset").GetString()));
        Assert.Equal(("/bin/httpd", 8, 4), (written.GetProperty("name").GetString(),
            written.GetProperty("rssKiB").GetInt32(), written.GetProperty("anonymousKiB").GetInt32()));
    }

    [Fact]
    public void What_is_read_back_is_what_was_written()
    {
        RunResult result = SampleResult.Create() with { Seed = ulong.MaxValue };
        using var json = JsonDocument.Parse(Render(result));
        JsonElement root = json.RootElement;
        Assert.Equal(result.Seed, root.GetProperty("seed").GetUInt64());
        Assert.Equal(1.5, root.GetProperty("wallSeconds").GetDouble());
        Assert.Equal(
            result.VmStat.Select(c => (c.Key, c.Value)),
            root.GetProperty("vmstat").EnumerateObject().Select(c => (c.Name, c.Value.GetInt64())));
        JsonElement third = root.GetProperty("processes")[2];
        Assert.Equal(102, third.GetProperty("pid").GetInt32());
        Assert.Equal(result.Processes[2].Fate, third.GetProperty("fate").GetString());
        Assert.Equal(JsonValueKind.Null, root.GetProperty("processes")[4].GetProperty("endNs").ValueKind);
        Assert.Equal(result.Memory.FreePages, root.GetProperty("memory").GetProperty("freePages").GetInt64());
        Assert.Equal(result.BuddyInfo, root.GetProperty("buddyinfo").EnumerateArray().Select(line => line.GetString()));
    }

    [Fact]
    public void The_lines_of_a_replay_add_up()
    {
        using var json = JsonDocument.Parse(Render(SampleResult.Create(), replay: SampleResult.Replay()));
        long Number(string key) => json.RootElement.GetProperty(key).GetInt64();
        Assert.Equal(Number("lines"), Number("accepted") + Number("rejected"));
        Assert.Equal(Number("accepted"), Number("accessLines") + Number("calls") + Number("notes"));
        Assert.True(SampleResult.Replay().AddUp);
        Assert.False((SampleResult.Replay() with { Notes = 0 }).AddUp);
    }

    [Fact]
    public void Strange_names_survive_and_half_a_character_does_not_break_the_output()
    {
        RunResult strange = SampleResult.Create() with
        {
            Processes = [SampleResult.Process(0) with { Comm = "\"\\\u001b\u202e<script>\ud800" }],
        };
        using var json = JsonDocument.Parse(Render(strange));
        Assert.Equal("\"\\\u001b\u202e<script>\ufffd",
            json.RootElement.GetProperty("processes")[0].GetProperty("comm").GetString());
    }

    [Fact]
    public void Files_of_proc_are_the_counters_and_lines_of_the_result()
    {
        var text = new StringWriter { NewLine = "\n" };
        ProcFiles.WriteVmStat(text, SampleResult.Create());
        Assert.Equal("nr_free_pages 12345\npgfault 9876\npgmajfault 0\npgalloc_normal 20000\npgfree 19000\n",
            text.ToString());
        text = new StringWriter { NewLine = "\n" };
        ProcFiles.WriteBuddyInfo(text, SampleResult.Create());
        Assert.Equal(2, text.ToString().Count(c => c == '\n'));
    }
}
