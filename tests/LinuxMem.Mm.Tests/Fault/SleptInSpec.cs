using LinuxMem.Abi;
using LinuxMem.Mm.Fault;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Tests.Support;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Mm.Tests.Fault;

/// <summary>Faults that sleep and go on in the kernel.</summary>
public sealed class SleptInSpec : IDisposable
{
    private const ulong At = KernelRig.Arena;
    private const int Pages = 1500;

    private readonly KernelRig rig = new(megabytes: 4, vm: KernelRig.PromisesAll,
        swapAreas: [new SwapAreaSettings { Pages = 2000 }]);

    private readonly TaskStruct task;
    private readonly ulong swapped = At;

    public SleptInSpec()
    {
        task = rig.Start(image: new ImageSpec());
        rig.Map(task, At, Pages);
        for (ulong i = 0; i < Pages; i++)
            Assert.True(rig.AccessWaiting(task, At + (i * rig.Page), AccessKind.Write));
        rig.Steps(3);
        while (!rig.Geometry.Format.IsSwap(rig.Entry(task.Mm, swapped)))
            swapped += rig.Page;
    }

    public void Dispose() => rig.Dispose();

    [Fact]
    public void Who_has_the_page_that_it_waited_for_asks_nobody_for_it_and_enters_the_kernel_once()
    {
        TrapOutcome waits = Fault();
        Assert.Equal(TrapAction.Block, waits.Action);
        UnfinishedTrap unfinished = task.Unfinished!.Value;
        Assert.False(unfinished.Page.IsNone);
        rig.CompleteIo();
        Assert.True(task.GoesOn());
        var trap = new Trap(unfinished.Kind, task, rig.At(0), unfinished.Address, unfinished.Access)
        {
            GoesOn = true,
            InHand = unfinished.Page,
        };
        // The rig answers look-ups inside Serve; here there is none.
        TrapOutcome goesOn = rig.Kernel.Serve(trap, []);
        Assert.Equal(TrapAction.Resume, goesOn.Action);
        Assert.Equal(FaultKind.SwapIn, rig.Kernel.LastFault.Kind);
        Assert.True(rig.Kernel.LastFault.IsMajor);
        Assert.Equal(1, task.MajFlt);
        Assert.Equal(unfinished.Page, rig.FrameAt(task.Mm, swapped));
        Assert.True(goesOn.CostNs < waits.CostNs, $"{goesOn.CostNs} ns, {waits.CostNs} ns");
    }

    [Fact]
    public void Who_comes_back_with_a_page_that_is_gone_looks_the_slot_up_again()
    {
        Fault();
        rig.CompleteIo();
        var trap = new Trap(TrapKind.PageFault, task, rig.At(0), swapped, AccessKind.Read)
        {
            GoesOn = true,
            InHand = rig.FrameAt(task.Mm, At + ((Pages - 1) * rig.Page)),
        };
        Assert.Equal(TrapAction.NeedsPages, rig.Kernel.Serve(trap, []).Action);
    }

    [Fact]
    public void A_signal_that_came_meanwhile_goes_before_the_page()
    {
        Fault();
        rig.CompleteIo();
        task.Signals.Add(new SignalInfo(Signal.SigUsr1, SignalCode.SiUser, 0));
        Assert.False(task.GoesOn());
        Assert.Null(task.Unfinished);
    }

    private TrapOutcome Fault() => rig.Serve(new Trap(TrapKind.PageFault, task, rig.At(0), swapped, AccessKind.Read));
}
