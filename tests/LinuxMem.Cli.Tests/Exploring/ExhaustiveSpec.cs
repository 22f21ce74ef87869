using LinuxMem.Cli.Tests.EndToEnd;

namespace LinuxMem.Cli.Tests.Exploring;

/// <summary>All orders of events of tiny machines, within a bound.</summary>
public sealed class ExhaustiveSpec
{
    [Theory]
    [InlineData("tiny-shootdown"), InlineData("tiny-swap")]
    public void Nothing_is_found_in_any_order_and_workers_change_nothing(string scenario)
    {
        RealRun one = RealRun.Of("exhaust", scenario, "--bound", "1", "--runs", "150", "--workers", "1");
        Assert.True(one.Code == 0, one.Output + one.Error);
        Assert.Contains("Nothing found", one.Output);
        Assert.Contains(" states, depth ", one.Output);
        Assert.Equal(one.Output, RealRun.Of(
            "exhaust", scenario, "--bound", "1", "--runs", "150", "--workers", "3").Output);
    }

    [Fact]
    public void A_planted_bug_is_found_and_only_if_it_is_allowed()
    {
        string[] options = ["exhaust", "tiny-shootdown", "--bound", "1", "--runs", "150", "--mutant", "M13"];
        Assert.Equal(2, RealRun.Of(options).Code);
        RealRun found = RealRun.Of([.. options, "--allow-mutants"]);
        Assert.Equal(4, found.Code);
        Assert.Contains("I16 violated", found.Output);
        Assert.Contains("linuxmem run tiny-shootdown", found.Output);
        Assert.Equal(2, RealRun.Of([.. options[..^1], "M999", "--allow-mutants"]).Code);
    }
}
