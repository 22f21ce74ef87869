using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.Block;
using LinuxMem.Mm.MemMaps;
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
        swap.PutMapped(Entry);
        Assert.False(swap.HasSteps);
        swap.Put(Entry);
        Assert.True(swap.HasSteps);
        Assert.Equal([SwapQuestion.Duplicate, SwapQuestion.PutMapped, SwapQuestion.Put],
            swap.Exchange.Steps.Select(step => step.Kind));
    }

    [Fact]
    public void The_end_of_an_IO_asks_about_a_page_only_if_it_was_to_be_given_up_meanwhile()
    {
        using var rig = new KernelRig(swapAreas: [new SwapAreaSettings { Pages = 64 }]);
        SwapOperations swap = rig.Memory.Swap;
        var cost = default(WorkCost);
        Pfn page = rig.Memory.AllocData(0, FramePlace.SwapCache, zeroed: false, ref cost);
        swap.Allocated(page, Entry);
        var io = new PageIo();
        io.Set([page]);
        swap.Finished(io, 0);
        Assert.False(swap.HasSteps);
        rig.Memory.Map[page].Flags |= PageFlags.Locked;
        swap.TryFreeIdle(page);
        Assert.False(swap.HasSteps);
        rig.Memory.Map[page].Flags &= ~PageFlags.Locked;
        swap.Finished(io, 0);
        Assert.Equal([SwapQuestion.TryFree], swap.Exchange.Steps.Select(step => step.Kind));
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
