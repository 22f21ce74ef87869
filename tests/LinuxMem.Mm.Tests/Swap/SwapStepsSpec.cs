using LinuxMem.Mm.Swap;
using LinuxMem.Mm.Tests.Support;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Mm.Tests.Swap;

/// <summary>Which steps have to reach the owner of swap before anything else is served.</summary>
public sealed class SwapStepsSpec
{
    private static readonly SwapEntry Entry = new(0, 1);

    [Fact]
    public void Steps_of_which_nothing_follows_go_with_the_next_that_has_to_and_in_order()
    {
        using var rig = new KernelRig(swapAreas: [new SwapAreaSettings { Pages = 64 }]);
        SwapOperations swap = rig.Memory.Swap;
        swap.Duplicate(Entry);
        Assert.False(swap.HasSteps);
        swap.Put(Entry);
        Assert.True(swap.HasSteps);
        Assert.Equal([SwapQuestion.Duplicate, SwapQuestion.Put], swap.Exchange.Steps.Select(step => step.Kind));
    }

    [Fact]
    public void They_do_not_pile_up()
    {
        using var rig = new KernelRig(swapAreas: [new SwapAreaSettings { Pages = 64 }]);
        SwapOperations swap = rig.Memory.Swap;
        for (int i = 0; i < 1023; i++)
            swap.Duplicate(Entry);
        Assert.False(swap.HasSteps);
        swap.Duplicate(Entry);
        Assert.True(swap.HasSteps);
    }
}
