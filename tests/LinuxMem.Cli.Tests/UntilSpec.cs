using LinuxMem.Cli.Tests.EndToEnd;
using LinuxMem.Cli.Tests.Fakes;

namespace LinuxMem.Cli.Tests;

/// <summary>A run that ends when something happens for the first time.</summary>
public sealed class UntilSpec
{
    [Fact]
    public void A_run_ends_at_the_first_event_of_a_kind()
    {
        using var folder = new TempDirectory();
        string[] all = Events(folder["all"]);
        string[] some = Events(folder["some"], "--until", "page_fault_user");
        int first = Array.FindIndex(all, line => line.Contains("page_fault_user", StringComparison.Ordinal));
        Assert.InRange(first, 0, all.Length - 2);
        Assert.InRange(some.Length, first + 1, all.Length - 1);
        Assert.Equal(all[..(first + 1)], some[..(first + 1)]);
    }

    [Fact]
    public void What_never_happens_is_said_and_what_is_no_event_is_bad_usage()
    {
        RealRun never = RealRun.Of("run", "tiny", "--until", "oom:mark_victim", "--progress", "off");
        Assert.Equal(0, never.Code);
        Assert.Contains("no such event has happened", never.Error);
        RealRun wrong = RealRun.Of("run", "tiny", "--until", "page_fault_usr");
        Assert.Equal(2, wrong.Code);
        Assert.Contains("--until: there is no event 'page_fault_usr'; did you mean 'page_fault_user'?", wrong.Error);
    }

    private static string[] Events(string path, params string[] options)
    {
        RealRun run = RealRun.Of(["run", "tiny", "--progress", "off", "--events", path, .. options]);
        Assert.True(run.Code == 0, run.Error);
        return File.ReadAllLines(path);
    }
}
