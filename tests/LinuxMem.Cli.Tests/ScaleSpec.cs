using System.Text.Json;
using System.Xml.Linq;
using LinuxMem.Cli.Tests.Fakes;

namespace LinuxMem.Cli.Tests;

public class ScaleSpec
{
    [Fact]
    public void Numbers_of_cpus_double_between_two_ends_and_one_cpu_is_always_there()
    {
        var run = CommandRun.Of("scale", "mmap1", "--cpus", "2,4..20,3", "--mode", "threads");
        Assert.Equal(0, run.Code);
        Assert.Equal([1, 2, 3, 4, 8, 16, 20], run.Rooms.Scaled!.Cpus);
        Assert.Equal(["threads"], run.Rooms.Scaled.Modes);
        Assert.Equal(["per-vma"], run.Rooms.Scaled.Locks);
        Assert.Equal(10_000_000, run.Rooms.Scaled.WindowNs);
    }

    [Fact]
    public void The_table_tells_speedup_efficiency_and_the_lock_that_limits()
    {
        var run = CommandRun.Of("scale", "mmap1", "--cpus", "1,4", "--mode", "both", "--locks", "mmap_lock,per-vma");
        Assert.Equal(["processes", "threads"], run.Rooms.Scaled!.Modes);
        Assert.Contains("   4       300,000     3.00       75.0%  mmap_lock     50.0%", run.Output,
            StringComparison.Ordinal);
        Assert.Contains(". linear", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Files_have_the_points_and_the_pictures()
    {
        using var directory = new TempDirectory();
        string path = directory["curves"];
        Assert.Equal(0, CommandRun.Of("scale", "mmap1", "--cpus", "1,4", "--mode", "threads", "--out", path).Code);
        string[] csv = File.ReadAllLines(Path.Combine(path, "scale.csv"));
        Assert.Equal("mmap1,threads,per-vma,4,3000,300000,3.0000,0.7500,mmap_lock,0.5000,0123456789abcdef", csv[^1]);
        Assert.Equal(3, csv.Length);
        var picture = XDocument.Parse(File.ReadAllText(Path.Combine(path, "scale.svg")));
        Assert.Equal(1, picture.Descendants().Count(element => element.Name.LocalName == "polyline"));
        Assert.Contains("</html>", File.ReadAllText(Path.Combine(path, "scale.html")), StringComparison.Ordinal);
        Assert.Equal(2, CommandRun.Of("scale", "mmap1", "--out", path).Code);
    }

    [Fact]
    public void Json_has_every_point()
    {
        var run = CommandRun.Of("scale", "brk1", "--cpus", "1,4", "--mode", "processes", "--json");
        using var json = JsonDocument.Parse(run.Output);
        JsonElement points = json.RootElement.GetProperty("series")[0].GetProperty("points");
        Assert.Equal(2, points.GetArrayLength());
        Assert.Equal(0.75, points[1].GetProperty("efficiency").GetDouble());
    }

    [Theory]
    [InlineData("scale", "mmap", "did you mean 'mmap1'?")]
    [InlineData("scale mmap1 --cpus", "0", "'0' is neither")]
    [InlineData("scale mmap1 --cpus", "8..4", "'8..4' is neither")]
    [InlineData("scale mmap1 --locks", "big", "'big' is not per-vma")]
    [InlineData("scale mmap1 --window", "5", "'5' is not a whole number from 100")]
    public void Mistakes_are_bad_usage(string before, string value, string message)
    {
        var run = CommandRun.Of([.. before.Split(' '), value]);
        Assert.Equal(2, run.Code);
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
    }
}
