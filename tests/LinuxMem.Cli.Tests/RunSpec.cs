using System.Text.Json;
using LinuxMem.Cli.Tests.Fakes;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Cli.Tests;

public sealed class RunSpec
{
    [Fact]
    public void Options_change_the_scenario_and_what_is_not_given_stays()
    {
        string[] line = ["run", "tiny", "--seed", "18446744073709551615", "--threads", "3", "--audit", "round"];
        Scenario asked = CommandRun.Of(line).Rooms.Ran!;
        Assert.Equal("tiny", asked.Name);
        Assert.Equal(ulong.MaxValue, asked.Seed);
        Assert.Equal(3, asked.Engine.Threads);
        Assert.Equal(AuditLevel.Round, asked.Engine.Audit);

        var rooms = new FakeRooms
        {
            Reader = () => SampleRun.Scenario with
            {
                Seed = 77,
                Engine = new EngineSettings { Threads = 5, Audit = AuditLevel.Off },
            },
        };
        Scenario kept = CommandRun.With(rooms, "run").Rooms.Ran!;
        Assert.Equal(77UL, kept.Seed);
        Assert.Equal(5, kept.Engine.Threads);
        Assert.Equal(AuditLevel.Off, kept.Engine.Audit);
    }

    [Fact]
    public void Settings_reach_the_reader_in_their_order() => Assert.Equal(
        "read tiny [machine.cpus=8 machine.cpus=9 a=b=c]",
        CommandRun.Of("run", "--set", "machine.cpus=8", "tiny", "--set=machine.cpus=9", "--set",
            "a=b=c").Rooms.Calls[0]);

    [Fact]
    public void Json_is_one_object_on_stdout_with_the_wall_time()
    {
        CommandRun run = CommandRun.Of("run", "--json");
        Assert.Equal("", run.Error);
        using var json = JsonDocument.Parse(run.Output);
        Assert.Equal(SampleRun.Digest, json.RootElement.GetProperty("digest").GetString());
        Assert.True(json.RootElement.GetProperty("wallSeconds").GetDouble() > 0);
        Assert.Equal(12, json.RootElement.GetProperty("vmstat").GetProperty("pgfault").GetInt64());
        Assert.False(json.RootElement.TryGetProperty("lines", out _));
    }

    [Fact]
    public void Progress_in_a_pipe_is_silent_unless_asked_for_and_then_goes_to_stderr_in_lines()
    {
        CommandRun silent = CommandRun.With(new FakeRooms { Reports = 20 }, "run");
        Assert.False(silent.Rooms.HadProgress);
        Assert.Equal("", silent.Error);
        CommandRun lines = CommandRun.With(new FakeRooms { Reports = 20 }, "run", "--progress", "on");
        Assert.StartsWith(
            "virtual time 1.00 ms, 12.3 M accesses, 9 faults, 5 processes live, 1 ended, 60.0% of memory free\n",
            lines.Error);
        // Twenty reports a quarter of a second apart, at most one line a second.
        Assert.InRange(lines.Error.Count(c => c == '\n'), 4, 6);
        Assert.DoesNotContain("virtual time", lines.Output);
        Assert.Equal("", CommandRun.With(new FakeRooms { Reports = 20 }, "run", "--progress", "on", "--quiet").Error);
    }

    [Fact]
    public void The_built_in_scenarios_are_listed_with_what_they_show() => Assert.Equal(
        "showcase  A scenario of the tests.\ntiny      A scenario of the tests.\n", CommandRun.Of("scenarios").Output);

    [Fact]
    public void Both_schemas_are_printed()
    {
        Assert.Equal("{ \"title\": \"scenario\" }\n", CommandRun.Of("schema").Output);
        using var result = JsonDocument.Parse(CommandRun.Of("schema", "--result").Output);
        Assert.True(result.RootElement.GetProperty("properties").TryGetProperty("digest", out _));
    }
}
