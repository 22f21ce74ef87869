using System.Text.Json;
using LinuxMem.Cli.Tests.Fakes;

namespace LinuxMem.Cli.Tests;

public sealed class ReplaySpec
{
    [Fact]
    public void A_replay_reports_the_lines_and_the_faults_of_each_process()
    {
        CommandRun run = CommandRun.Of("replay", "a.log", "b.log", "--set", "machine.cpus=2", "--threads", "2");
        Assert.Equal(0, run.Code);
        Assert.Equal("", run.Error);
        Assert.Equal("open a.log b.log strict=False [machine.cpus=2]", run.Rooms.Calls[0]);
        Assert.Equal(2, run.Rooms.Ran!.Engine.Threads);
        Assert.Contains("100 lines = 80 accesses + 5 calls + 15 notes + 0 rejected\n", run.Output);
        Assert.Contains("MINFLT", run.Output);
    }

    [Fact]
    public void Rejected_lines_are_listed_on_stderr_up_to_twenty_and_are_no_failure()
    {
        CommandRun run = CommandRun.With(new FakeRooms { Totals = SampleRun.Totals(3) }, "replay", "x.log");
        Assert.Equal(0, run.Code);
        Assert.Equal(
            "x.log:1: not a line of a lackey log\nx.log:2: not a line of a lackey log\n"
            + "x.log:3: not a line of a lackey log\nlinuxmem: 3 of 100 lines were rejected\n",
            run.Error);
        CommandRun many = CommandRun.With(
            new FakeRooms { Totals = SampleRun.Totals(15) with { Rejected = 35, Lines = 120 } }, "replay", "x.log");
        Assert.EndsWith("linuxmem: 35 of 120 lines were rejected; the first 15 are listed\n", many.Error);
    }

    [Fact]
    public void Rejected_lines_are_bad_input_when_strict()
    {
        CommandRun run = CommandRun.With(new FakeRooms { Totals = SampleRun.Totals(1) }, "replay", "--strict", "x.log");
        Assert.Equal(2, run.Code);
        Assert.Equal("open x.log strict=True []", run.Rooms.Calls[0]);
    }

    [Fact]
    public void Json_accounts_for_every_line()
    {
        CommandRun run = CommandRun.With(new FakeRooms { Totals = SampleRun.Totals(2) }, "replay", "x.log", "--json");
        using var json = JsonDocument.Parse(run.Output);
        long Number(string key) => json.RootElement.GetProperty(key).GetInt64();
        Assert.Equal(100, Number("lines"));
        Assert.Equal(98, Number("accepted"));
        Assert.Equal(2, Number("rejected"));
        Assert.Equal(Number("accepted"), Number("accessLines") + Number("calls") + Number("notes"));
    }

    [Fact]
    public void Reading_from_a_keyboard_is_said()
    {
        CommandRun run = CommandRun.With(new FakeRooms(), services => services with { InputIsTerminal = true },
            "replay", "-");
        Assert.Equal("linuxmem: reading the log from the terminal; Ctrl-D ends it\n", run.Error);
        Assert.Equal("", CommandRun.Of("replay", "-").Error);
    }
}
