using LinuxMem.Abi;
using LinuxMem.Mm.Fault;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Tests.Support;
using LinuxMem.Simulation.Faults;

namespace LinuxMem.Mm.Tests.Injection;

/// <summary>F01: the page allocator has nothing to give, whatever is free.</summary>
public class PageAllocFaultSpec
{
    private const ulong At = KernelRig.Arena;

    [Fact]
    public void A_store_for_which_there_is_no_page_is_made_again_and_nobody_is_killed()
    {
        using var rig = new KernelRig();
        TaskStruct task = rig.Start();
        rig.Map(task, At, 1);
        rig.Fail(FaultSite.AnonPage, times: 3);
        for (int i = 0; i < 3; i++)
            Assert.Equal(FaultKind.OutOfMemory, rig.Fault(task, At, AccessKind.Write));
        Assert.Equal(FaultKind.AnonZeroFill, rig.Fault(task, At, AccessKind.Write));
        Assert.Equal(TaskState.Runnable, task.State);
        Assert.Equal(0, rig.Memory.Allocator.Refusals);
        Assert.Equal(1, task.Mm.Rss);
    }

    [Fact]
    public void Who_spins_for_ever_is_killed_by_the_watchdog_and_leaves_nothing()
    {
        using var rig = new KernelRig();
        long free = rig.FreeFrames;
        TaskStruct task = rig.Start();
        rig.Map(task, At, 1);
        rig.Inject(new FaultSettings { FailNth = 1, FailNthMode = FailNthMode.AndAfter, SpinLimit = 10 });
        for (int i = 0; i < 9; i++)
            Assert.Equal(TrapAction.Resume, Touch(rig, task).Action);
        Assert.Equal(TrapAction.Exit, Touch(rig, task).Action);
        Assert.Equal(Signal.SigKill, task.Group.ExitSignal);
        Assert.Contains(rig.Kernel.Log.Lines, line => line.Text.Contains("faulted 10 times in vain", default));
        Assert.Equal(free, rig.FreeFrames);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_table_that_cannot_be_had_leaves_the_way_to_it_as_good_as_it_was(int nth)
    {
        using var rig = new KernelRig();
        long free = rig.FreeFrames;
        TaskStruct task = rig.Start();
        rig.Map(task, At, 1);
        rig.Fail(FaultSite.TablePage, after: nth - 1);
        Assert.Equal(FaultKind.OutOfMemory, rig.Fault(task, At, AccessKind.Write));
        Assert.Equal(FaultKind.AnonZeroFill, rig.Fault(task, At, AccessKind.Write));
        rig.Exit(task);
        Assert.Equal(free, rig.FreeFrames);
    }

    [Fact]
    public void The_kernels_own_access_fails_with_EFAULT_in_place_of_waiting()
    {
        using var rig = new KernelRig();
        TaskStruct task = rig.Start();
        rig.Map(task, At, 1);
        rig.Fail(FaultSite.AnonPage);
        Assert.Equal(Errno.EFAULT, rig.Call(task, SyscallNr.Pipe, At).Errno);
        Assert.Equal(0, rig.Call(task, SyscallNr.Pipe, At).Value);
    }

    [Fact]
    public void Locked_memory_that_cannot_be_had_is_EAGAIN_and_populating_is_ENOMEM()
    {
        using var rig = new KernelRig();
        TaskStruct task = rig.Start();
        rig.Map(task, At, 4);
        rig.Fail(FaultSite.AnonPage, after: 2);
        Assert.Equal(Errno.EAGAIN, rig.Call(task, SyscallNr.Mlock, At, 4 * rig.Page).Errno);
        Assert.Equal(2, task.Mm.Rss);
        rig.Fail(FaultSite.AnonPage);
        ulong advice = (ulong)Advice.PopulateWrite;
        Assert.Equal(Errno.ENOMEM, rig.Call(task, SyscallNr.Madvise, At, 4 * rig.Page, advice).Errno);
        Assert.Equal(0, rig.Call(task, SyscallNr.Madvise, At, 4 * rig.Page, advice).Value);
    }

    private static TrapOutcome Touch(KernelRig rig, TaskStruct task) =>
        rig.Serve(new Trap(TrapKind.PageFault, task, rig.At(0), At, AccessKind.Write));
}
