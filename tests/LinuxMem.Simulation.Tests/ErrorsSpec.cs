namespace LinuxMem.Simulation.Tests;

public class ErrorsSpec
{
    [Fact]
    public void An_invariant_that_holds_costs_nothing_and_says_nothing() => KernelBug.Assert(true, "I01 violated");

    [Fact]
    public void A_broken_invariant_ends_the_run_with_its_message()
    {
        var bug = Assert.Throws<KernelBug>(() => KernelBug.Assert(false, "I01 violated: frame 7"));
        Assert.Equal("I01 violated: frame 7", bug.Message);
        Assert.Null(bug.InnerException);
    }

    [Fact]
    public void The_message_of_an_invariant_that_holds_is_not_put_together()
    {
        int asked = 0;
        KernelBug.Assert(asked == 0, $"I01 violated: {++asked}");
        Assert.Equal(0, asked);
        var bug = Assert.Throws<KernelBug>(() => KernelBug.Assert(asked > 0, $"I01 violated: {++asked:x4} of {2.5}"));
        Assert.Equal("I01 violated: 0001 of 2.5", bug.Message);
    }

    [Fact]
    public void A_bug_found_while_handling_a_failure_keeps_the_failure()
    {
        var inner = new InvalidOperationException("inner");
        Assert.Same(inner, new KernelBug("outer", inner).InnerException);
    }

    [Fact]
    public void Mistakes_of_the_user_are_told_all_at_once_in_order()
    {
        var exception = new ConfigurationException(["first", "second"]);
        Assert.Equal(["first", "second"], exception.Messages);
        Assert.Equal("first\nsecond", exception.Message);
    }

    [Fact]
    public void A_single_mistake_is_a_list_of_one() =>
        Assert.Equal(["only"], new ConfigurationException("only").Messages);

    [Fact]
    public void A_bug_is_no_mistake_of_the_user() =>
        Assert.False(typeof(KernelBug).IsAssignableFrom(typeof(ConfigurationException))
            || typeof(ConfigurationException).IsAssignableFrom(typeof(KernelBug)));
}
