using System.Text;
using LinuxMem.Cli.Tests.EndToEnd;
using LinuxMem.Cli.Tests.Fakes;
using LinuxMem.Simulation;
using LinuxMem.Testing.Shrinking;
using LinuxMem.Workloads.Scenarios;

namespace LinuxMem.Cli.Tests.Exploring;

/// <summary>Findings are made small, and what is left shows the same.</summary>
public sealed class ShrinkerSpec
{
    [Fact]
    public void What_is_left_shows_the_same_and_little_is_left()
    {
        using var folder = new TempDirectory();
        File.WriteAllText(folder["big.json"], Big());
        RealRun run = RealRun.Of("shrink", folder["big.json"], "--set", "choices=random", "--out", folder["small.json"],
            "--runs", "400");
        Assert.True(run.Code == 0, run.Error);
        Assert.Equal($"linuxmem run {folder["small.json"]}\n", run.Output);
        string small = File.ReadAllText(folder["small.json"]);
        Assert.True(small.Length < 700, small);
        Assert.DoesNotContain("bystander", small);
        Assert.DoesNotContain("choices", small);
        RealRun again = RealRun.Of("run", folder["small.json"]);
        Assert.Equal(1, again.Code);
        Assert.Contains("process.walker.fate", again.Error);
    }

    [Fact]
    public void Where_nothing_is_found_there_is_nothing_to_shrink()
    {
        RealRun run = RealRun.Of("shrink", "tiny");
        Assert.Equal(2, run.Code);
        Assert.Contains("there is nothing to shrink", run.Error);
        Assert.Throws<ConfigurationException>(() =>
            Shrinker.Shrink(ScenarioDocument.Parse(BuiltIn.Open("tiny").Span), 10));
    }

    [Fact]
    public void A_document_is_cut_and_set_without_touching_the_old_one()
    {
        var document = ScenarioDocument.Parse("{ \"a\": [ 1, \"8KiB\", { \"b\": 2 } ] /* x */, }"u8);
        Assert.Equal(["a"], document.Arrays().Select(array => array.Path));
        Assert.Equal(["a", "a/2/b"], document.Members());
        Assert.Equal(["a/0", "a/1", "a/2/b"], document.Quantities().Select(one => one.Path));
        Assert.Equal("{\"a\":[{\"b\":2}]}", Plain(document.WithoutItems("a", 0, 2)!));
        Assert.Equal("{\"a\":[1,\"8KiB\",{}]}", Plain(document.WithoutMember("a/2/b")!));
        Assert.Equal("{\"a\":[1,\"4KiB\",{\"b\":2}]}", Plain(document.WithQuantity("a/1", "4KiB")!));
        Assert.Equal("{\"a\":[1,\"8KiB\",{\"b\":2}],\"c\":{\"d\":7}}", Plain(document.With("c.d", "7")));
        Assert.Null(document.WithoutItems("a", 2, 2));
        Assert.Null(document.WithoutMember("a/2/c"));
        Assert.Equal("{\"a\":[1,\"8KiB\",{\"b\":2}]}", Plain(document));
    }

    private static string Plain(ScenarioDocument document) =>
        Encoding.UTF8.GetString(document.Utf8).Replace("\n", "", StringComparison.Ordinal)
            .Replace(" ", "", StringComparison.Ordinal);

    private static string Big()
    {
        var text = new StringBuilder("{ \"name\": \"big\", \"machine\": { \"cpus\": 2, \"memory\": \"2MiB\" }, ");
        text.Append("\"expect\": [ { \"process.walker.fate\": \"exited\" } ], \"processes\": [ ");
        for (int i = 0; i < 6; i++)
        {
            string name = i == 3 ? "walker" : $"bystander{i}";
            text.Append($"{{ \"name\": \"{name}\", \"steps\": [ {{ \"mmap\": {{ \"length\": \"64KiB\", ");
            text.Append("\"as\": \"m\" } }, { \"touch\": { \"region\": \"m\" } }, \"yield\", ");
            text.Append(i == 3 ? "{ \"munmap\": { \"region\": \"m\" } }, { \"touch\": { \"region\": \"m\" } }, " : "");
            text.Append("{ \"sleep\": \"20us\" } ] },");
        }

        return text.Append("] }").ToString();
    }
}
