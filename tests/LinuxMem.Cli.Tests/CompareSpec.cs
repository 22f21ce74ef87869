using System.Text.Json;
using LinuxMem.Cli.Tests.Fakes;

namespace LinuxMem.Cli.Tests;

public sealed class CompareSpec
{
    [Fact]
    public void Every_policy_runs_with_every_seed()
    {
        var ran = new List<string>();
        var rooms = new FakeRooms
        {
            Engine = scenario =>
            {
                ran.Add($"{scenario.Machine.Replacement}/{scenario.Seed}/{scenario.Engine.Threads}");
                return SampleRun.Of(scenario) with { VirtualNs = (long)scenario.Seed * 1000 };
            },
        };
        CommandRun run = CommandRun.With(
            rooms, "compare", "my", "--policies", "clock,fifo", "--seeds", "3..5,9", "--threads", "2", "--json");
        Assert.Equal(0, run.Code);
        Assert.Equal(
            ["clock/3/2", "clock/4/2", "clock/5/2", "clock/9/2", "fifo/3/2", "fifo/4/2", "fifo/5/2", "fifo/9/2"], ran);
        JsonElement clock = JsonDocument.Parse(run.Output).RootElement.GetProperty("policies")[0];
        JsonElement time = clock.GetProperty("virtualNs");
        Assert.Equal(4500, time.GetProperty("median").GetDouble());
        Assert.Equal(3000, time.GetProperty("min").GetDouble());
        Assert.Equal(9000, time.GetProperty("max").GetDouble());
        Assert.Equal(4, clock.GetProperty("digests").GetArrayLength());
    }

    [Fact]
    public void The_table_has_a_column_a_policy_and_jains_index()
    {
        var rooms = new FakeRooms
        {
            Engine = scenario =>
            {
                var result = SampleRun.Of(scenario);
                var process = result.Processes[0] with { Accesses = 1 };
                return result with
                {
                    VmStat = [new("pgmajfault", (long)scenario.Seed)],
                    Processes = [process with { MajFlt = 1 }, process with { MajFlt = 3 }],
                };
            },
        };
        CommandRun run = CommandRun.With(rooms, "compare", "--policies", "two-list,mglru", "--seeds", "2..3");
        Assert.Equal(0, run.Code);
        string[] lines = run.Output.Split('\n');
        Assert.Equal("showcase, 2 seeds: median (least to most)", lines[0]);
        Assert.Equal("MEASURE two-list mglru", Squeeze(lines[2]));
        Assert.Contains(lines, line => Squeeze(line) == "major faults 2 (2 to 3) 2 (2 to 3)");
        Assert.Contains(lines, line => Squeeze(line) == "fairness: major faults 0.800 0.800");
    }

    [Theory]
    [InlineData("--policies", "clock,opt", "'opt' has to know the future")]
    [InlineData("--policies", "clok", "'clok' is not one of two-list")]
    [InlineData("--seeds", "5..3", "'5..3' is an empty range")]
    [InlineData("--seeds", "1..3,2", "'2' has seed 2 twice")]
    [InlineData("--seeds", "1..99999", "'1..99999' makes more than 10000 seeds")]
    [InlineData("--seeds", "a", "'a' is neither a seed nor a range")]
    public void A_bad_option_is_one_clear_mistake(string option, string value, string message)
    {
        CommandRun run = CommandRun.Of("compare", option, value);
        Assert.Equal(2, run.Code);
        Assert.Contains($"linuxmem: {option}: {message}", run.Error, StringComparison.Ordinal);
        Assert.Equal(1, run.Error.Split('\n').Count(line => line.StartsWith("linuxmem: ", StringComparison.Ordinal)));
        Assert.Empty(run.Rooms.Calls);
    }

    [Fact]
    public void A_broken_invariant_names_policy_and_seed()
    {
        var rooms = new FakeRooms
        {
            Engine = scenario => scenario.Seed == 2 ? throw FakeRooms.Bug() : SampleRun.Of(scenario),
        };
        CommandRun run = CommandRun.With(rooms, "compare", "--seeds", "1..3");
        Assert.Equal(4, run.Code);
        Assert.Contains("two-list and seed 2: I03", run.Error, StringComparison.Ordinal);
    }

    private static string Squeeze(string line) =>
        string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
}
