using System.Runtime.CompilerServices;
using LinuxMem.Cli.Tests.EndToEnd;
using LinuxMem.Testing;

namespace LinuxMem.Cli.Tests.Exploring;

/// <summary>The test that the README of LinuxMem.Testing shows, as it stands there.</summary>
public sealed class ReadmeExampleSpec
{
    [Fact]
    public void A_little_memory_is_enough_for_a_walker()
    {
        MachineOutcome outcome = SimulatedMachine.Named("tiny")
            .With("machine.memory", "2MiB")
            .WithChoices("random")
            .WithSeed(7)
            .AuditedEveryRound()
            .Run();
        Assert.Empty(outcome.Violations);
        Assert.Equal(0, outcome.Counter("oom_kill"));
        Assert.Equal("exited 0", outcome.Process("walker").Fate);
    }

    [Fact]
    public void The_readme_shows_this_very_text()
    {
        string readme = File.ReadAllText(RealRun.RepositoryFile("src/LinuxMem.Testing/README.md"));
        string shown = readme.Split("```csharp\n")[1].Split("```")[0];
        Assert.Contains(shown.TrimEnd(), Unindented(File.ReadAllText(Here())));
    }

    private static string Unindented(string text) => string.Join('\n', text.Split('\n').Select(line =>
        line.StartsWith("    ", StringComparison.Ordinal) ? line[4..] : line));

    private static string Here([CallerFilePath] string path = "") => path;
}
