using LinuxMem.Cli.Tests.Fakes;
using LinuxMem.Simulation.Results;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Cli.Tests;

public sealed class ProcDirectorySpec : IDisposable
{
    private readonly TempDirectory temp = new();
    private readonly FakeRooms rooms = new() { Engine = WithTree };

    public void Dispose() => temp.Dispose();

    [Fact]
    public void The_run_ends_at_the_moment_and_its_tree_is_written()
    {
        CommandRun run = Proc("--at", "1.5ms", "--out", temp["m"]);
        Assert.Equal(0, run.Code);
        Assert.Equal(1_500_000, rooms.Ran!.EndNs);
        Assert.Equal([1_500_000], rooms.Ran.Engine.ProcAtNs);
        Assert.Equal(["m"], temp.Entries());
        Assert.Equal("1.50 0.00\n", File.ReadAllText(temp["m/proc/uptime"]));
        Assert.Equal("2\n", File.ReadAllText(temp["m/proc/self/comm"]));
        Assert.Equal("0\n", File.ReadAllText(temp["m/sys/devices/system/node/online"]));
        Assert.Contains("Digest", run.Output, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void An_empty_directory_is_taken_and_a_full_one_refused()
    {
        Directory.CreateDirectory(temp["m"]);
        Assert.Equal(0, Proc("--at", "1ms", "--out", temp["m"]).Code);
        CommandRun again = Proc("--at", "1ms", "--out", temp["m"]);
        Assert.Equal(2, again.Code);
        Assert.Contains("this is not empty; --force replaces an earlier tree", again.Error);
        Assert.Equal(0, Proc("--at", "1ms", "--out", temp["m"], "--force").Code);
        Assert.Equal(["m"], temp.Entries());
    }

    [Fact]
    public void What_is_not_a_tree_is_never_replaced()
    {
        Directory.CreateDirectory(temp["m"]);
        File.WriteAllText(temp["m/letter"], "dear");
        CommandRun run = Proc("--at", "1ms", "--out", temp["m"], "--force");
        Assert.Equal(2, run.Code);
        Assert.Contains("letter in it is not of an earlier tree; not replaced", run.Error);
        Assert.Equal("dear", File.ReadAllText(temp["m/letter"]));
        Assert.Empty(rooms.Calls);
    }

    [Fact]
    public void A_run_that_fails_leaves_nothing()
    {
        rooms.Engine = _ => throw FakeRooms.Bug();
        Assert.Equal(4, Proc("--at", "1ms", "--out", temp["m"]).Code);
        Assert.Empty(temp.Entries());
    }

    private CommandRun Proc(params string[] args) => CommandRun.With(rooms, ["proc", .. args]);

    private static RunResult WithTree(Scenario scenario) => SampleRun.Of(scenario) with
    {
        ProcTrees =
        [
            new ProcTree(
                scenario.EndNs ?? 0,
                [new("proc/uptime", "1.50 0.00\n"), new("proc/2/comm", "2\n"),
                    new("sys/devices/system/node/online", "0\n")],
                [new("proc/self", "2")]),
        ],
    };
}
