using LinuxMem.Cli.Tests.EndToEnd;
using LinuxMem.Testing;

namespace LinuxMem.Cli.Tests.Exploring;

/// <summary>What exploring has found, made small by shrinking: none of it is found any more.</summary>
public sealed class FoundSpec
{
    private const string Folder = "tests/LinuxMem.Cli.Tests/Exploring/Found";

    public static TheoryData<string> Files() =>
        [.. Directory.GetFiles(RealRun.RepositoryFile(Folder)).Select(path => Path.GetFileName(path))
            .Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Files))]
    public void What_was_found_once_stays_mended(string file)
    {
        SimulatedMachine machine = SimulatedMachine.FromFile(RealRun.RepositoryFile($"{Folder}/{file}"))
            .AuditedEveryRound();
        MachineOutcome outcome = machine.Run();
        Assert.Empty(outcome.Violations);
        // Of some the reason was that CPUs had run too far ahead.
        Assert.Equal(outcome.Digest, machine.With("engine.windowNs", "500").Run().Digest);
    }
}
