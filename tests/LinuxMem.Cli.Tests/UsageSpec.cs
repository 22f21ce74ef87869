using LinuxMem.Cli.Tests.Fakes;

namespace LinuxMem.Cli.Tests;

public sealed class UsageSpec
{
    [Theory]
    [InlineData("", "Required command was not provided.", "linuxmem COMMAND")]
    [InlineData("rnu", "unknown command 'rnu'; did you mean 'run'?", "linuxmem COMMAND")]
    [InlineData("--frobnicate", "unknown option '--frobnicate'", "linuxmem COMMAND")]
    [InlineData("run --sed 1", "unknown option '--sed'; did you mean '--seed'?", "linuxmem run")]
    [InlineData("run --seed -1", "--seed: '-1' is not a whole number from 0 to 18446744073709551615", "linuxmem run")]
    [InlineData("run --seed 1e3", "--seed: '1e3' is not a whole number from 0 to 18446744073709551615", "linuxmem run")]
    [InlineData("run --seed 18446744073709551616", "--seed: '18446744073709551616' is not a whole number",
        "linuxmem run")]
    [InlineData("run --seed", "Required argument missing for option: '--seed'.", "linuxmem run")]
    [InlineData("run --seed 1 --seed 2", "Option '--seed' expects a single argument but 2 were provided.",
        "linuxmem run")]
    [InlineData("run --threads 0", "--threads: '0' is not a whole number from 1 to 64", "linuxmem run")]
    [InlineData("run --threads 65", "--threads: '65' is not a whole number from 1 to 64", "linuxmem run")]
    [InlineData("run --audit sometimes", "--audit: 'sometimes' is not one of off, end, round", "linuxmem run")]
    [InlineData("run --progress yes", "--progress: 'yes' is not one of auto, on, off", "linuxmem run")]
    [InlineData("run --log-level loud", "--log-level: 'loud' is not one of verbose, debug", "linuxmem run")]
    [InlineData("run --set cpus", "--set: 'cpus' is not of the form KEY=VALUE", "linuxmem run")]
    [InlineData("run --set =8", "--set: '=8' is not of the form KEY=VALUE", "linuxmem run")]
    [InlineData("run --expect-digest 12", "--expect-digest: '12' is not a digest", "linuxmem run")]
    [InlineData("run a.json b.json", "unknown argument 'b.json'", "linuxmem run")]
    [InlineData("run -x", "unknown option '-x'", "linuxmem run")]
    [InlineData("replay", "Required argument 'LOG' missing", "linuxmem replay")]
    [InlineData("replay - -", "the standard input (-) can be read only once", "linuxmem replay")]
    [InlineData("replay x.log --stritc", "unknown option '--stritc'; did you mean '--strict'?", "linuxmem replay")]
    [InlineData("proc --out x", "Option '--at' is required.", "linuxmem proc")]
    [InlineData("proc --at 1ms", "Option '--out' is required.", "linuxmem proc")]
    [InlineData("proc --at 1 --out x", "--at: '1' has no unit; expected a time such as 1.5ms", "linuxmem proc")]
    [InlineData("proc --at 1h --out x", "--at: '1h' has an unknown unit", "linuxmem proc")]
    [InlineData("proc --at 9999999999s --out x", "is longer than 1000000s", "linuxmem proc")]
    [InlineData("schema --resutl", "unknown option '--resutl'; did you mean '--result'?", "linuxmem schema")]
    [InlineData("scenarios tiny all", "unknown argument 'all'", "linuxmem scenarios")]
    public void Bad_usage_is_2_with_the_reason_and_the_usage_line(string line, string reason, string usage)
    {
        CommandRun run = CommandRun.Of(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(2, run.Code);
        Assert.StartsWith("linuxmem: ", run.Error);
        Assert.Contains(reason, run.Error);
        Assert.Contains("\nUsage: " + usage, run.Error);
        Assert.Equal("", run.Output);
        Assert.Empty(run.Rooms.Calls);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("run --help")]
    [InlineData("replay --help")]
    [InlineData("proc --help")]
    [InlineData("schema --help")]
    [InlineData("scenarios -h")]
    [InlineData("run --bogus --help")]
    public void Help_is_0_on_stdout_with_examples_and_exit_codes(string line)
    {
        CommandRun run = CommandRun.Of(line.Split(' '));
        Assert.Equal(0, run.Code);
        Assert.Equal("", run.Error);
        Assert.Contains("Usage:\n  linuxmem ", run.Output.ReplaceLineEndings("\n"));
        Assert.Contains("Examples:\n  ", run.Output);
        Assert.Contains("130 interrupted", run.Output);
        Assert.All(run.Output.Split('\n'), text => Assert.True(text.Length <= 100, text));
        Assert.Empty(run.Rooms.Calls);
    }

    [Fact]
    public void The_version_is_that_of_the_command()
    {
        CommandRun run = CommandRun.Of("--version");
        Assert.Equal(0, run.Code);
        Assert.Matches(@"^linuxmem \d+\.\d+\.\d+\n$", run.Output);
    }

    [Fact]
    public void An_argument_that_begins_with_an_at_sign_is_no_file_of_arguments() =>
        Assert.Equal("read @x []", CommandRun.Of("run", "@x").Rooms.Calls[0]);

    [Fact]
    public void Words_that_try_to_control_the_terminal_are_quoted_without_that()
    {
        CommandRun run = CommandRun.Of("run", "--\u001b[2J\u202e");
        Assert.Equal(2, run.Code);
        Assert.Contains("unknown option '--?[2J?'", run.Error);
    }

    [Fact]
    public void A_hundred_thousand_arguments_are_refused_at_once_unless_they_may_be_logs()
    {
        string[] words = [.. Enumerable.Range(0, 100_000).Select(i => $"x{i}")];
        CommandRun run = CommandRun.Of(["run", .. words]);
        Assert.Equal(2, run.Code);
        Assert.Equal("linuxmem: 100001 arguments are too many\nUsage: linuxmem COMMAND [options]\n", run.Error);
        Assert.Equal(0, CommandRun.Of(["replay", .. words]).Code);
    }

    [Fact]
    public void A_command_line_is_quoted_as_a_shell_reads_it() => Assert.Equal(
        "linuxmem run 'a b' 'it'\\''s' --set=x=1 ''",
        Commands.ShellText.Join(["linuxmem", "run", "a b", "it's", "--set=x=1", ""]));
}
