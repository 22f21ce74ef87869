using System.Text.Json;

namespace LinuxMem.Cli.Tests.EndToEnd;

/// <summary>diff with the real strace of the host, or with what is said where there is none.</summary>
public sealed class DiffProgramSpec
{
    private static readonly bool HasStrace =
        HostTool.Has("command -v strace") && HostTool.Has("setarch -R strace -f -o /dev/null true");

    [Fact]
    public void A_program_of_the_host_is_compared_answer_by_answer()
    {
        RealRun run = RealRun.Of("diff", "--json", "--", "true");
        if (!HasStrace)
        {
            Assert.Equal(3, run.Code);
            Assert.Contains("strace", run.Error);
            Assert.Equal("", run.Output);
            return;
        }

        // Another release of libc may do what is not modelled to the last answer: that is 1, with a report as with 0.
        Assert.InRange(run.Code, 0, 1);
        using var json = JsonDocument.Parse(run.Output);
        JsonElement check = json.RootElement;
        long compared = check.GetProperty("checked").GetInt64();
        long same = check.GetProperty("matched").GetInt64();
        Assert.True(compared > 10, $"{compared} answers were compared");
        Assert.Equal(run.Code == 0, same == compared);
        Assert.True(same >= compared * 9 / 10, $"{same} of {compared} answers are the same");
    }

    [Fact]
    public void A_program_that_is_not_there_is_2_and_a_missing_strace_is_3()
    {
        RealRun run = RealRun.Of("diff", "--", "no-such-program");
        Assert.Equal("", run.Output);
        Assert.Equal(HostTool.Has("command -v strace") ? 2 : 3, run.Code);
        Assert.Contains(run.Code == 2 ? "there is no program 'no-such-program'" : "strace is not installed", run.Error);
    }
}
