using System.Diagnostics;
using LinuxMem.Cli.Commands;
using LinuxMem.Cli.Tests.EndToEnd;
using LinuxMem.Cli.Tests.Fakes;

namespace LinuxMem.Cli.Tests.Exploring;

/// <summary>An exploration whose process is killed (SIGKILL) goes on where it was.</summary>
public sealed class KilledExplorerSpec
{
    private const string Seeds = "1..160";

    [Fact]
    public void A_killed_exploration_goes_on_and_ends_with_the_same_file()
    {
        using var folder = new TempDirectory();
        RealRun whole = Explore(folder["whole"], workers: 1);
        Assert.Equal(0, whole.Code);
        string path = folder["killed"];
        // Twice, each time with some more runs in the file than before.
        foreach (int workers in new[] { 2, 1 })
            KillOneThatHasWritten(path, workers);
        Assert.True(new FileInfo(path).Length < new FileInfo(folder["whole"]).Length);
        RealRun resumed = Explore(path, workers: 2);
        Assert.Contains("runs were in", resumed.Error);
        Assert.Equal(whole.Output, resumed.Output);
        Assert.Equal(File.ReadAllBytes(folder["whole"]), File.ReadAllBytes(path));
        Assert.Equal(2, folder.Entries().Length);
    }

    private static RealRun Explore(string path, int workers) => RealRun.Of(Options(path, workers));

    private static string[] Options(string path, int workers) =>
        ["explore", "tiny", "--seeds", Seeds, "--out", path, "--workers", $"{workers}", "--quiet"];

    private static void KillOneThatHasWritten(string path, int workers)
    {
        const int someRuns = 4096;
        var file = new FileInfo(path);
        long before = file.Exists ? file.Length : 0;
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(typeof(LinuxMemCommand).Assembly.Location);
        foreach (string option in Options(path, workers))
            start.ArgumentList.Add(option);
        using Process process = Process.Start(start)!;
        SpinWait.SpinUntil(() => process.HasExited || HasGrownBy(path, before + someRuns));
        process.Kill();
        process.WaitForExit();
        Assert.True(process.ExitCode != 0, "the exploration was over before it could be killed");
    }

    private static bool HasGrownBy(string path, long bytes) => File.Exists(path) && new FileInfo(path).Length >= bytes;
}
