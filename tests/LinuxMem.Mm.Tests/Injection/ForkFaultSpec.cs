using LinuxMem.Abi;
using LinuxMem.Arch.Paging;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Tests.Support;
using LinuxMem.Simulation.Faults;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Mm.Tests.Injection;

/// <summary>F04 and F05: fork that fails half-way, and fork whose promises may not be made.</summary>
public class ForkFaultSpec
{
    private const ulong At = KernelRig.Arena;

    [Theory]
    [InlineData("dup_mmap", false)]
    [InlineData("anon_vma_fork", true)]
    [InlineData("copy_page_range", true)]
    public void The_processor_of_a_parent_forgets_what_it_may_not_write_any_more(string function, bool protects)
    {
        using var rig = new KernelRig();
        TaskStruct parent = rig.Start();
        rig.Map(parent, At, 1);
        rig.Map(parent, At + (2 * rig.Page), 1);
        rig.Store(parent, At, 1);
        rig.Store(parent, At + (2 * rig.Page), 2);
        rig.Memory.Coherence.SwitchTo(0, parent.Mm, 0);
        rig.Memory.Coherence[0].Busy = true;
        // The first mapping is copied, the second is not.
        rig.Fail(FaultSite.Find(function)!, after: function == "dup_mmap" ? 0 : 1);
        rig.Trap(parent, new SyscallRequest { Nr = SyscallNr.Fork, Child = new IdleProgram(ImageSpec.Empty) });
        Assert.Equal(Errno.ENOMEM, parent.Result.Errno);
        PteFormat format = rig.Geometry.Format;
        Assert.Equal(!protects, (rig.Entry(parent.Mm, At) & format.Write) != 0);
        Assert.Equal(protects, rig.Memory.Coherence[0].Deferred.Count > 0);
        Assert.Equal(1UL, rig.Load(parent, At));
        Assert.Equal(2UL, rig.Load(parent, At + (2 * rig.Page)));
    }

    [Fact]
    public void A_fork_that_fails_marks_the_parents_pages_as_its_own_again_when_it_stores()
    {
        using var rig = new KernelRig();
        TaskStruct parent = rig.Start();
        rig.Map(parent, At, 1);
        rig.Store(parent, At, 1);
        rig.Fail(FaultSite.AllocPid);
        rig.Trap(parent, new SyscallRequest { Nr = SyscallNr.Fork, Child = new IdleProgram(ImageSpec.Empty) });
        Assert.Equal(Errno.ENOMEM, parent.Result.Errno);
        Assert.Single(rig.Kernel.Lifecycle.Live);
        Assert.Equal(LinuxMem.Mm.Fault.FaultKind.CowReuse, rig.Fault(parent, At, AccessKind.Write));
    }

    [Fact]
    public void A_child_for_which_nothing_more_may_be_promised_is_ENOMEM()
    {
        var never = new VmSettings
        {
            PcpHighPages = 0,
            OvercommitMemory = OvercommitMode.Never,
            OvercommitKbytes = 4096,
            AdminReserveKbytes = 0,
            UserReserveKbytes = 0,
        };
        using var rig = new KernelRig(vm: never);
        TaskStruct parent = rig.Start();
        rig.Map(parent, At, 400);
        rig.Map(parent, At + (500 * rig.Page), 300);
        long promised = rig.Kernel.Overcommit.CommittedPages;
        Assert.Equal(700, promised);
        rig.Trap(parent, new SyscallRequest { Nr = SyscallNr.Fork, Child = new IdleProgram(ImageSpec.Empty) });
        Assert.Equal(Errno.ENOMEM, parent.Result.Errno);
        Assert.Equal(promised, rig.Kernel.Overcommit.CommittedPages);
        rig.Call(parent, SyscallNr.Munmap, At, 400 * rig.Page);
        rig.Trap(parent, new SyscallRequest { Nr = SyscallNr.Fork, Child = new IdleProgram(ImageSpec.Empty) });
        Assert.True(parent.Result.Value > 0);
    }

    [Fact]
    public void An_image_for_which_memory_is_out_kills_once_the_old_one_is_gone()
    {
        using var rig = new KernelRig();
        TaskStruct task = rig.Start();
        var exec = new SyscallRequest
        {
            Nr = SyscallNr.Execve,
            Child = new IdleProgram(new ImageSpec(8192, 4096, 4096)),
        };
        rig.Fail(FaultSite.AllocateMm);
        rig.Trap(task, exec);
        Assert.Equal(Errno.ENOMEM, task.Result.Errno);
        rig.Fail(FaultSite.VmAreaAlloc, after: 1);
        Assert.Equal(TrapAction.Exit, rig.Trap(task, exec).Action);
        Assert.Equal(Signal.SigSegv, task.Group.ExitSignal);
        Assert.Empty(rig.Kernel.Lifecycle.Live);
    }

    [Fact]
    public void A_stack_that_cannot_grow_for_want_of_memory_is_a_SIGSEGV()
    {
        using var rig = new KernelRig();
        TaskStruct task = rig.Start(image: new ImageSpec(4096, 4096, 4096, HasStack: true));
        ulong below = task.Mm.Vmas.Tree.Last!.Start - 8;
        rig.Fail(FaultSite.AnonVmaPrepare);
        Assert.False(rig.Access(task, below, AccessKind.Write));
        Assert.Equal(Signal.SigSegv, task.Group.ExitSignal);
    }
}
