using System.Text.Json;
using LinuxMem.Cli.Tests.Fakes;

namespace LinuxMem.Cli.Tests;

public sealed class MrcSpec : IDisposable
{
    private readonly TempDirectory folder = new();

    [Fact]
    public void Beladys_anomaly_is_shown()
    {
        string log = Write("# Belady\n1 2 3 4, 1 2 5\n0x1 2 3 4 5\n");
        CommandRun run = CommandRun.Of("mrc", log, "--policies", "fifo,lru,opt", "--frames", "4,3");
        Assert.Equal(0, run.Code);
        Assert.Equal("", run.Error);
        string[] lines = run.Output.Split('\n');
        Assert.Equal("12 references to 5 pages", lines[0]);
        Assert.Equal(["3", "9", "0.750000", "10", "0.833333", "7", "0.583333"], Words(lines[3]));
        Assert.Equal(["4", "10", "0.833333", "8", "0.666667", "6", "0.500000"], Words(lines[4]));
    }

    [Fact]
    public void A_log_of_lackey_is_read_in_pages()
    {
        string log = Write("==7== Lackey\n L 04001000,4\n S 04001ffe,4\nI  04002000,2\n L 04001000,4\n");
        CommandRun run = CommandRun.Of("mrc", log, "--json");
        Assert.Equal(0, run.Code);
        JsonElement root = JsonDocument.Parse(run.Output).RootElement;
        Assert.Equal(2, root.GetProperty("pages").GetInt32());
        Assert.Equal(5, root.GetProperty("references").GetInt32());
        JsonElement lru = root.GetProperty("policies")[0];
        Assert.Equal("lru", lru.GetProperty("policy").GetString());
        Assert.Equal([3, 2], lru.GetProperty("misses").EnumerateArray().Select(e => e.GetInt32()));
        Assert.Equal([0.6, 0.4], lru.GetProperty("ratios").EnumerateArray().Select(e => e.GetDouble()));
    }

    [Theory]
    [InlineData("--policies", "lru,nru", "'nru' is not one of two-list")]
    [InlineData("--policies", "lru,lru", "'lru' is there twice")]
    [InlineData("--frames", "8,0", "'0' is not a whole number from 1")]
    [InlineData("--frames", "8,", "'' is not a whole number from 1")]
    public void A_bad_option_is_one_clear_mistake(string option, string value, string message)
    {
        CommandRun run = CommandRun.Of("mrc", "x", option, value);
        Assert.Equal(2, run.Code);
        Assert.Contains($"linuxmem: {option}: {message}", run.Error, StringComparison.Ordinal);
        Assert.Equal(1, run.Error.Split('\n').Count(line => line.StartsWith("linuxmem: ", StringComparison.Ordinal)));
        Assert.Empty(run.Rooms.Calls);
    }

    [Theory]
    [InlineData("1 2\n3 x4\n", ":2:3: 'x4' is not the number of a page")]
    [InlineData("hello\n", "has no accesses of lackey")]
    public void A_bad_log_is_one_clear_mistake(string text, string message)
    {
        CommandRun run = CommandRun.Of("mrc", Write(text));
        Assert.Equal(2, run.Code);
        Assert.Equal("", run.Output);
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
    }

    public void Dispose() => folder.Dispose();

    private static string[] Words(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private string Write(string text)
    {
        string path = folder["log"];
        File.WriteAllText(path, text);
        return path;
    }
}
