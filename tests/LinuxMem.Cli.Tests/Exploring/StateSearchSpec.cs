using LinuxMem.Cli.Tests.EndToEnd;
using LinuxMem.Proofs;
using LinuxMem.Proofs.Search;
using LinuxMem.Simulation.Mutants;

namespace LinuxMem.Cli.Tests.Exploring;

/// <summary>Structures of the kernel in every state that they can reach.</summary>
public sealed class StateSearchSpec
{
    // A block of 2^k frames has f(k) = f(k-1)^2 + 1 states, f(0) = 2, times the orders that the free lists can have.
    // Six pages of three kinds or nothing make 4^6.
    [Theory]
    [InlineData("buddy8", 1829)]
    [InlineData("vma-rights", 4096)]
    public void Every_reachable_state_of_a_small_structure_is_well_and_workers_change_nothing(string name, long states)
    {
        StateSearchResult one = Search(name, Mutant.None, long.MaxValue, 1);
        Assert.Null(one.Finding);
        Assert.True(one.IsComplete);
        Assert.Equal(states, one.States);
        Assert.Equal(one, Search(name, Mutant.None, long.MaxValue, 3));
    }

    [Theory]
    [InlineData("buddy"), InlineData("vmas"), InlineData("file-vmas")]
    public void The_first_states_of_a_large_structure_are_well_and_a_limit_says_so(string name)
    {
        StateSearchResult some = Search(name, Mutant.None, 2_000, 2);
        Assert.Null(some.Finding);
        Assert.False(some.IsComplete);
        Assert.True(some.States >= 2_000);
        Assert.Equal(some, Search(name, Mutant.None, 2_000, 1));
    }

    [Theory]
    [InlineData("buddy8", Mutant.M32, "I0"), InlineData("buddy8", Mutant.M33, "I0")]
    [InlineData("buddy", Mutant.M34, "I05"), InlineData("buddy8", Mutant.M35, "I0")]
    [InlineData("vmas", Mutant.M23, "I12"), InlineData("vma-rights", Mutant.M28A, "I2")]
    [InlineData("file-vmas", Mutant.M28B, "I2"), InlineData("vmas", Mutant.M28C, "I2")]
    [InlineData("file-vmas", Mutant.M81, "I2")]
    public void A_planted_bug_is_found_with_the_shortest_way_to_it(string name, Mutant mutant, string invariant)
    {
        StateFinding? found = Search(name, mutant, long.MaxValue, 2).Finding;
        Assert.NotNull(found);
        Assert.StartsWith(invariant, found.Text);
        Assert.NotEmpty(found.Path);
        StateFinding? again = Search(name, mutant, long.MaxValue, 1).Finding;
        Assert.Equal(found.Text, again!.Text);
        Assert.Equal(found.Path, again.Path);
    }

    [Fact]
    public void The_command_tells_states_and_refuses_what_it_does_not_look_at()
    {
        RealRun well = RealRun.Of("exhaust", "buddy8");
        Assert.Equal(0, well.Code);
        Assert.Contains("1,829 states", well.Output);
        Assert.Contains("complete", well.Output);
        RealRun found = RealRun.Of("exhaust", "buddy8", "--allow-mutants", "--mutant", "M33");
        Assert.Equal(4, found.Code);
        Assert.Contains("free frame", found.Output);
        Assert.Equal(2, RealRun.Of("exhaust", "buddy8", "--bound", "2").Code);
        Assert.Equal(2, RealRun.Of("exhaust", "tiny-shootdown", "--states", "2").Code);
    }

    private static StateSearchResult Search(string name, Mutant mutant, long statesMax, int workers) =>
        StateSearch.Run(() => KnownSpaces.Find(name)!.Make(mutant), statesMax, workers, CancellationToken.None);
}
