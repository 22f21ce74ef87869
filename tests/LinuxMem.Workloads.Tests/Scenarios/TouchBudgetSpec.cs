using LinuxMem.Workloads.Scenarios.Generated;

namespace LinuxMem.Workloads.Tests.Scenarios;

public sealed class TouchBudgetSpec
{
    [Fact]
    public void When_the_budget_is_spent_only_small_pieces_are_touched()
    {
        var budget = new TouchBudget();
        Assert.True(budget.TrySpend(1000));
        Assert.False(budget.TrySpend(1000));
        Assert.False(budget.TrySpend(TouchBudget.Scarce + 1));
        Assert.True(budget.TrySpend(TouchBudget.Scarce));
    }
}
