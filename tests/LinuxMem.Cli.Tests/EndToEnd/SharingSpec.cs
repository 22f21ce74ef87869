using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using LinuxMem.Cli.Hosting;
using LinuxMem.Cli.Tests.Fakes;

namespace LinuxMem.Cli.Tests.EndToEnd;

public sealed class SharingSpec : IDisposable
{
    private readonly TempDirectory files = new();

    public void Dispose() => files.Dispose();

    [Theory]
    [InlineData("prefork", "12ms")]
    [InlineData("buffer-pool", "6ms")]
    [InlineData("cow-storm", "9ms")]
    public void Shares_are_those_of_smaps_and_add_up_to_the_frames(string scenario, string at)
    {
        RealRun run = RealRun.Of("sharing", scenario, "--at", at, "--json");
        Assert.Equal(ExitCode.Done, run.Code);
        Assert.Equal(ExitCode.Done, RealRun.Of("proc", scenario, "--at", at, "--out", files["m"]).Code);
        using var json = JsonDocument.Parse(run.Output);
        JsonElement.ArrayEnumerator processes = json.RootElement.GetProperty("processes").EnumerateArray();
        Assert.True(processes.Count() > 3);
        foreach (JsonElement process in processes)
        {
            string rollup = File.ReadAllText(files[$"m/proc/{process.GetProperty("pid")}/smaps_rollup"]);
            long Kb(string name) => long.Parse(
                Regex.Match(rollup, $"^{name}: +([0-9]+) kB", RegexOptions.Multiline).Groups[1].Value,
                CultureInfo.InvariantCulture);
            long Pages(string name) => process.GetProperty(name).GetInt64();
            Assert.Equal(Kb("Rss"), Pages("rssPages") * 4);
            Assert.Equal(Kb("Pss"), process.GetProperty("pssBytes").GetInt64() >> 10);
            Assert.Equal(Kb("Private_Clean") + Kb("Private_Dirty"), Pages("privatePages") * 4);
            Assert.Equal(Kb("Shared_Clean") + Kb("Shared_Dirty"),
                (Pages("sharedAnonPages") + Pages("sharedFilePages") + Pages("sharedShmemPages")) * 4);
        }

        long frames = json.RootElement.GetProperty("frames").GetInt64();
        double shares = processes.Sum(p => p.GetProperty("pssBytes").GetInt64()) / 4096.0;
        Assert.Equal(frames, shares, tolerance: processes.Count() + 1);
        CheckGroups(json.RootElement, processes);
    }

    [Fact]
    public void Without_a_moment_it_shows_the_one_at_which_most_is_shared()
    {
        RealRun run = RealRun.Of("sharing", "bgsave", "--json");
        using var json = JsonDocument.Parse(run.Output);
        JsonElement cow = json.RootElement.GetProperty("copyOnWrite");
        Assert.Equal(cow.GetProperty("peakNs").GetInt64() + 1, json.RootElement.GetProperty("atNs").GetInt64() + 1);
        Assert.Equal(cow.GetProperty("peakPages").GetInt64(), json.RootElement.GetProperty("savedPages").GetInt64());
    }

    [Fact]
    public void Tables_name_processes_pairs_sets_and_files()
    {
        string text = RealRun.Of("sharing", "buffer-pool", "--at", "6ms").Output;
        foreach (string part in new[]
        {
            "Sharing saves ", "Copy-on-write: fork shared ", "Frames that two processes map both",
            "Frames by who maps them", "/dev/zero (deleted)", "postmaster",
        })
            Assert.Contains(part, text);
    }

    // Every shared frame is in one set, so the sets' frames are those of the matrix and of the processes.
    private static void CheckGroups(JsonElement sharing, JsonElement.ArrayEnumerator processes)
    {
        Assert.True(sharing.GetProperty("savedPages").GetInt64() > 0);
        if (sharing.GetProperty("otherGroups").GetInt64() > 0)
            return;
        JsonElement.ArrayEnumerator groups = sharing.GetProperty("groups").EnumerateArray();
        Assert.Equal(sharing.GetProperty("savedPages").GetInt64(),
            groups.Sum(g => g.GetProperty("savedPages").GetInt64()));
        List<int> pids = [.. sharing.GetProperty("matrixPids").EnumerateArray().Select(p => p.GetInt32())];
        JsonElement matrix = sharing.GetProperty("matrix");
        foreach (JsonElement process in processes)
        {
            int row = pids.IndexOf(process.GetProperty("pid").GetInt32());
            Assert.Equal(process.GetProperty("rssPages").GetInt64(), matrix[row][row].GetInt64());
            for (int column = 0; column < pids.Count; column++)
                Assert.Equal(matrix[row][column].GetInt64(), matrix[column][row].GetInt64());
        }
    }
}
