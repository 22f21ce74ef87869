using LinuxMem.Cli.Tests.Fakes;
using LinuxMem.Reporting;

namespace LinuxMem.Cli.Tests;

public sealed class DiffSpec
{
    [Fact]
    public void The_program_is_recorded_and_every_answer_compared()
    {
        var rooms = new FakeRooms();
        CommandRun run = CommandRun.With(
            rooms, "diff", "--set", "machine.cpus=1", "--", "ls", "-l", "--json", "--", "x");

        Assert.Equal("", run.Error);
        Assert.Equal(0, run.Code);
        Assert.Equal("record ls|-l|--json|--|x", rooms.Calls[0]);
        Assert.Equal([rooms.Recorded!], rooms.Opened!.Logs);
        Assert.Equal("calls", rooms.Opened.Check);
        Assert.True(rooms.Opened.KeepGoing);
        Assert.Equal(["machine.cpus=1"], rooms.Opened.Sets);
        Assert.Equal("run", rooms.Calls[^1]);
        Assert.DoesNotContain("{", run.Output);
    }

    [Fact]
    public void Contents_are_compared_when_asked_for_and_the_result_may_be_json()
    {
        CommandRun run = CommandRun.Of("diff", "--check=all", "--json", "--", "true");
        Assert.Equal(0, run.Code);
        Assert.Equal("all", run.Rooms.Opened!.Check);
        Assert.StartsWith("{", run.Output);
    }

    [Fact]
    public void An_answer_that_differs_is_1()
    {
        var totals = SampleRun.Totals(0) with { Check = Check(mismatched: 2) };
        CommandRun run = CommandRun.With(new FakeRooms { Totals = totals }, "diff", "--", "true");
        Assert.Equal(1, run.Code);
        Assert.Contains("2 of 5 answers are not the logged ones", run.Error);
    }

    [Fact]
    public void The_recording_is_gone_however_it_ends()
    {
        using var temp = new TempDirectory();
        string? seen = null;
        FakeRooms Writes(Func<int> then) => new()
        {
            Recorder = log =>
            {
                File.WriteAllText(log, "x");
                seen = log;
                return then();
            },
        };
        int Run(FakeRooms rooms) => CommandRun.With(
            rooms, services => services with { TempDirectory = temp.Root }, "diff", "--", "true").Code;

        Assert.Equal(0, Run(Writes(() => 0)));
        Assert.StartsWith(temp.Root, seen);
        Assert.Equal(3, Run(Writes(() => throw new IOException("strace is not installed"))));
        Assert.Equal(130, Run(Writes(() => throw new OperationCanceledException())));
        FakeRooms breaks = Writes(() => 0);
        breaks.Engine = _ => throw FakeRooms.Bug();
        Assert.Equal(4, Run(breaks));
        Assert.Empty(temp.Entries());
    }

    [Fact]
    public void The_programs_own_failure_is_said_and_is_none_of_the_comparison()
    {
        CommandRun run = CommandRun.With(new FakeRooms { Recorder = _ => 139 }, "diff", "--", "crash");
        Assert.Equal(0, run.Code);
        Assert.Equal("linuxmem: the program ended with exit code 139; what it did until then is compared\n", run.Error);
    }

    [Theory]
    [InlineData("diff")]
    [InlineData("diff", "--")]
    [InlineData("diff", "--jsno", "--", "ls")]
    [InlineData("diff", "ls", "-l")]
    [InlineData("diff", "--check", "most", "--", "ls")]
    public void What_is_not_understood_is_2_and_records_nothing(params string[] args)
    {
        CommandRun run = CommandRun.Of(args);
        Assert.Equal(2, run.Code);
        Assert.Empty(run.Rooms.Calls);
        Assert.Contains("Usage: linuxmem diff", run.Error);
    }

    [Fact]
    public void A_misspelt_option_is_not_taken_for_the_program() =>
        Assert.Contains("did you mean '--json'?", CommandRun.Of("diff", "--jsno", "--", "ls").Error);

    private static CheckTotals Check(long mismatched) => new()
    {
        Level = "calls",
        Checked = 5,
        Matched = 5 - mismatched,
        Mismatched = mismatched,
        Ambiguous = 0,
        Skipped = [],
        NotJudged = [],
        Unsupported = [],
        Mismatches = [],
    };
}
