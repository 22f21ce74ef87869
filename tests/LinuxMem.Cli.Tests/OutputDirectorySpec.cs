using System.Text.Json;
using LinuxMem.Cli.Tests.Fakes;

namespace LinuxMem.Cli.Tests;

public sealed class OutputDirectorySpec
{
    private static readonly string[] Files = ["buddyinfo", "report.txt", "result.json", "vmstat"];

    private static string[] FilesOf(string directory) =>
        [.. Directory.EnumerateFiles(directory).Select(file => Path.GetFileName(file)).Order()];

    [Fact]
    public void The_files_are_there_at_the_end_and_nothing_else()
    {
        using var temp = new TempDirectory();
        CommandRun run = CommandRun.Of("run", "--out", temp["result"] + "/");
        Assert.Equal(0, run.Code);
        Assert.Equal(["result"], temp.Entries());
        Assert.Equal(Files, FilesOf(temp["result"]));
        Assert.Equal("pgfault 12\npgmajfault 0\n", File.ReadAllText(Path.Combine(temp["result"], "vmstat")));
        Assert.Equal("Node 0, zone      DMA      0\n", File.ReadAllText(Path.Combine(temp["result"], "buddyinfo")));
        Assert.Contains("Digest: ", File.ReadAllText(Path.Combine(temp["result"], "report.txt")));
        using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(temp["result"], "result.json")));
        Assert.False(json.RootElement.TryGetProperty("wallSeconds", out _));
        Assert.NotEqual("", run.Output);
    }

    [Fact]
    public void Equal_runs_give_equal_files()
    {
        using var temp = new TempDirectory();
        CommandRun.Of("run", "--out", temp["a"]);
        CommandRun.Of("run", "--out", temp["b"], "--json");
        foreach (string file in Files)
            Assert.Equal(File.ReadAllBytes(Path.Combine(temp["a"], file)),
                File.ReadAllBytes(Path.Combine(temp["b"], file)));
    }

    [Fact]
    public void What_exists_is_refused_before_anything_runs()
    {
        using var temp = new TempDirectory();
        Directory.CreateDirectory(temp["result"]);
        CommandRun run = CommandRun.Of("run", "--out", temp["result"]);
        Assert.Equal(2, run.Code);
        Assert.Contains("this exists; --force replaces an earlier result", run.Error);
        Assert.Empty(run.Rooms.Calls);
        Assert.Empty(FilesOf(temp["result"]));
    }

    [Fact]
    public void Force_replaces_an_earlier_result()
    {
        using var temp = new TempDirectory();
        CommandRun.Of("run", "--out", temp["result"], "--seed", "1");
        CommandRun run = CommandRun.Of("run", "--out", temp["result"], "--seed", "2", "--force");
        Assert.Equal(0, run.Code);
        Assert.Equal(["result"], temp.Entries());
        Assert.Contains("\"seed\": 2,", File.ReadAllText(Path.Combine(temp["result"], "result.json")));
    }

    [Fact]
    public void Force_replaces_nothing_that_is_not_an_earlier_result()
    {
        using var temp = new TempDirectory();
        Directory.CreateDirectory(temp["home"]);
        File.WriteAllText(Path.Combine(temp["home"], "thesis.tex"), "x");
        File.WriteAllText(temp["file"], "x");
        Directory.CreateSymbolicLink(temp["link"], temp["home"]);
        Directory.CreateSymbolicLink(temp["dangling"], temp["nothing"]);
        foreach (string name in new[] { "home", "file", "link", "dangling" })
        {
            CommandRun run = CommandRun.Of("run", "--force", "--out", temp[name]);
            Assert.Equal(2, run.Code);
            Assert.Empty(run.Rooms.Calls);
        }

        Assert.True(File.Exists(Path.Combine(temp["home"], "thesis.tex")));
        Assert.Equal(["dangling", "file", "home", "link"], temp.Entries());
    }

    [Fact]
    public void The_root_and_names_that_are_none_are_refused()
    {
        Assert.Equal(2, CommandRun.Of("run", "--force", "--out", "/").Code);
        Assert.Equal(2, CommandRun.Of("run", "--out", "").Code);
        Assert.Equal(2, CommandRun.Of("run", "--out", "a\0b").Code);
    }

    [Fact]
    public void A_missing_parent_is_an_error_of_input_and_output()
    {
        using var temp = new TempDirectory();
        CommandRun run = CommandRun.Of("run", "--out", Path.Combine(temp["no"], "result"));
        Assert.Equal(3, run.Code);
        Assert.Empty(run.Rooms.Calls);
        Assert.Empty(temp.Entries());
    }

    [Fact]
    public void A_run_that_does_not_end_leaves_nothing_behind_and_an_earlier_result_as_it_was()
    {
        using var temp = new TempDirectory();
        CommandRun.Of("run", "--out", temp["result"], "--seed", "1");
        string before = File.ReadAllText(Path.Combine(temp["result"], "result.json"));
        string[] during = [];
        var rooms = new FakeRooms
        {
            Engine = _ =>
            {
                during = temp.Entries();
                throw new OperationCanceledException();
            },
        };
        Assert.Equal(130, CommandRun.With(rooms, "run", "--out", temp["result"], "--force").Code);
        Assert.Equal(130, CommandRun.With(rooms, "run", "--out", temp["other"]).Code);
        Assert.Equal(2, during.Length);
        Assert.StartsWith(".other.tmp-", during[0]);
        Assert.Equal(["result"], temp.Entries());
        Assert.Equal(before, File.ReadAllText(Path.Combine(temp["result"], "result.json")));
    }

    [Fact]
    public void A_scenario_with_mistakes_writes_nothing()
    {
        using var temp = new TempDirectory();
        var rooms = new FakeRooms { Reader = () => throw new Simulation.ConfigurationException("x") };
        Assert.Equal(2, CommandRun.With(rooms, "run", "--out", temp["result"]).Code);
        Assert.Empty(temp.Entries());
    }

    [Fact]
    public void Violations_are_kept_in_the_files_too()
    {
        using var temp = new TempDirectory();
        var rooms = new FakeRooms { Engine = SampleRun.Broken };
        Assert.Equal(4, CommandRun.With(rooms, "run", "--out", temp["result"]).Code);
        Assert.Contains("I07", File.ReadAllText(Path.Combine(temp["result"], "result.json")));
    }
}
