using LinuxMem.Cli.Tests.EndToEnd;
using LinuxMem.Simulation.Mutants;
using LinuxMem.Testing.Mutants;

namespace LinuxMem.Cli.Tests.Exploring;

/// <summary>Planted bugs are found by the invariants that must, and nothing is planted unless asked for.</summary>
public sealed class MutantSpec
{
    [Theory]
    [InlineData(Mutant.M02), InlineData(Mutant.M13), InlineData(Mutant.M19), InlineData(Mutant.M20)]
    [InlineData(Mutant.M33), InlineData(Mutant.M34), InlineData(Mutant.M35), InlineData(Mutant.M53)]
    [InlineData(Mutant.M129), InlineData(Mutant.M134), InlineData(Mutant.M135), InlineData(Mutant.M137)]
    // With this one reclaim frees nothing, and a phase of the kernel never ends: it is looked at all the same.
    [InlineData(Mutant.M56)]
    public void A_planted_bug_is_found_by_an_invariant_that_must(Mutant mutant)
    {
        MutantEntry entry = MutantCatalog.All.Single(one => one.Mutant == mutant);
        MutantFate fate = MutantHunt.Hunt(entry, 48, 1, CancellationToken.None);
        Assert.True(fate.IsNamed, $"{mutant}: {fate.Finding}");
    }

    [Fact]
    public void Every_mutant_is_in_the_catalog_once_and_names_invariants()
    {
        Assert.Equal(Enum.GetValues<Mutant>().Where(mutant => mutant != Mutant.None),
            MutantCatalog.All.Select(entry => entry.Mutant));
        Assert.All(MutantCatalog.All, entry => Assert.NotEmpty(entry.Invariants));
    }

    [Fact]
    public void Nothing_is_planted_unless_asked_for()
    {
        RealRun refused = RealRun.Of("mutants", "--only", "M13");
        Assert.Equal(2, refused.Code);
        Assert.Contains("expected --allow-mutants", refused.Error);
        Assert.Equal(2, RealRun.Of("mutants", "--allow-mutants", "--only", "M99").Code);
        RealRun matrix = RealRun.Of("mutants", "--allow-mutants", "--only", "M13", "--seeds", "48", "--workers", "1");
        Assert.Equal(0, matrix.Code);
        Assert.Contains("1 of 1 found by an invariant that must", matrix.Output);
    }
}
