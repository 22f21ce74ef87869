using LinuxMem.Abi;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Tests.Support;

namespace LinuxMem.Mm.Tests.Tasks;

public class TaskLifeSpec
{
    private const ulong At = KernelRig.Arena;
    private const ulong AnyChild = ulong.MaxValue;

    [Fact]
    public void Every_frame_is_free_again_when_all_have_exited_and_caches_are_dropped()
    {
        using var rig = new KernelRig();
        long free = rig.FreeFrames;
        TaskStruct parent = rig.Start(image: ImageSpec.Default);
        rig.Store(parent, parent.Layout.DataStart, 1);
        rig.Load(parent, parent.Layout.TextStart);
        rig.Store(parent, parent.Layout.StackTop - 8, 1);
        TaskStruct child = rig.Fork(parent);
        rig.Store(child, child.Layout.DataStart, 2);
        rig.Exit(child);
        rig.Exit(parent);
        rig.DropCaches();
        rig.Memory.Allocator.DrainAll();
        Assert.Equal(free, rig.FreeFrames);
        Assert.Empty(rig.Kernel.Lifecycle.Live);
    }

    [Fact]
    public void Wait_takes_an_ended_child_once_and_then_there_is_none()
    {
        using var rig = new KernelRig();
        TaskStruct parent = rig.Start();
        TaskStruct child = rig.Fork(parent);
        rig.Exit(child);
        Assert.Equal(child.Tid, rig.Call(parent, SyscallNr.Wait4, AnyChild).Value);
        Assert.Equal(Errno.ECHILD, rig.Call(parent, SyscallNr.Wait4, AnyChild).Errno);
    }

    [Fact]
    public void Wait_for_a_running_child_blocks_until_it_ends()
    {
        using var rig = new KernelRig();
        TaskStruct parent = rig.Start();
        TaskStruct child = rig.Fork(parent);
        TrapOutcome outcome = rig.Trap(parent, new SyscallRequest { Nr = SyscallNr.Wait4, A0 = AnyChild });
        Assert.Equal(TrapAction.Block, outcome.Action);
        rig.Exit(child);
        Assert.Equal((TaskState.Runnable, child.Tid), (parent.State, (int)parent.Result.Value));
    }

    [Fact]
    public void Wait_with_WNOHANG_returns_at_once_when_no_child_has_ended()
    {
        using var rig = new KernelRig();
        TaskStruct parent = rig.Start();
        rig.Fork(parent);
        var request = new SyscallRequest { Nr = SyscallNr.Wait4, A0 = AnyChild, A2 = 1 };
        Assert.Equal(TrapAction.Resume, rig.Trap(parent, request).Action);
        Assert.Equal(0, parent.Result.Value);
    }

    [Theory]
    [InlineData(17, Errno.None)]
    [InlineData(18, Errno.None)]
    [InlineData(28, Errno.None)]
    [InlineData(19, Errno.EINVAL)]
    [InlineData(22, Errno.EINVAL)]
    [InlineData(65, Errno.EINVAL)]
    public void A_signal_that_does_not_end_a_process_leaves_it_alone(ulong signal, Errno errno)
    {
        using var rig = new KernelRig();
        TaskStruct parent = rig.Start();
        TaskStruct child = rig.Fork(parent);
        Assert.Equal(errno, rig.Call(parent, SyscallNr.Kill, (ulong)child.Group.Pid, signal).Errno);
        Assert.False(child.GroupExiting);
        Assert.Equal(Signal.None, child.Group.ExitSignal);
    }

    [Fact]
    public void A_vfork_parent_sleeps_until_the_child_exits_and_shares_its_memory()
    {
        using var rig = new KernelRig();
        TaskStruct parent = rig.Start();
        rig.Map(parent, At, 1);
        TaskStruct child = rig.Fork(parent, CloneFlags.Vm | CloneFlags.VFork);
        Assert.Equal(TaskState.WaitingForVfork, parent.State);
        rig.Store(child, At, 3);
        rig.Exit(child);
        Assert.Equal((TaskState.Runnable, child.Tid), (parent.State, (int)parent.Result.Value));
        Assert.Equal(3UL, rig.Load(parent, At));
    }

    [Fact]
    public void Exec_gives_a_vfork_parent_its_memory_back_and_the_child_its_own()
    {
        using var rig = new KernelRig();
        TaskStruct parent = rig.Start();
        rig.Map(parent, At, 1);
        TaskStruct child = rig.Fork(parent, CloneFlags.Vm | CloneFlags.VFork);
        rig.Trap(child, new SyscallRequest { Nr = SyscallNr.Execve, Child = new IdleProgram(ImageSpec.Default) });
        Assert.Equal(TaskState.Runnable, parent.State);
        Assert.NotSame(parent.Mm, child.Mm);
        Assert.Equal(1, parent.Mm.Users);
        Assert.False(rig.Access(child, At, AccessKind.Read));
        Assert.True(rig.Access(parent, At, AccessKind.Read));
    }

    [Fact]
    public void Exec_of_nothing_is_ENOENT()
    {
        using var rig = new KernelRig();
        Assert.Equal(Errno.ENOENT, rig.Call(rig.Start(), SyscallNr.Execve).Errno);
    }

    [Fact]
    public void A_thread_shares_memory_and_exit_group_ends_all()
    {
        using var rig = new KernelRig();
        long free = rig.FreeFrames;
        TaskStruct task = rig.Start();
        rig.Map(task, At, 1);
        TaskStruct thread = rig.Fork(task, CloneFlags.Vm | CloneFlags.SigHand | CloneFlags.Thread);
        rig.Store(thread, At, 2);
        Assert.Equal(2UL, rig.Load(task, At));
        rig.Exit(task);
        Assert.False(task.Group.IsDead);
        Assert.Equal(TrapAction.Exit, rig.Serve(new Trap(TrapKind.SliceEnd, thread, rig.At(0))).Action);
        Assert.True(task.Group.IsDead);
        rig.Memory.Allocator.DrainAll();
        Assert.Equal(free, rig.FreeFrames);
    }

    [Fact]
    public void Kill_ends_the_target_and_nobody_else()
    {
        using var rig = new KernelRig();
        TaskStruct killer = rig.Start();
        TaskStruct target = rig.Start();
        ulong pid = (ulong)target.Group.Pid;
        Assert.Equal(0, rig.Call(killer, SyscallNr.Kill, pid, 0).Value);
        Assert.False(target.GroupExiting);
        Assert.Equal(0, rig.Call(killer, SyscallNr.Kill, pid, 15).Value);
        rig.Serve(new Trap(TrapKind.SliceEnd, target, rig.At(0)));
        Assert.Equal((true, Signal.SigTerm), (target.Group.IsDead, target.Group.ExitSignal));
        Assert.Equal(Errno.ESRCH, rig.Call(killer, SyscallNr.Kill, 9999, 15).Errno);
        Assert.Equal(Errno.EINVAL, rig.Call(killer, SyscallNr.Kill, (ulong)killer.Group.Pid, 65).Errno);
    }

    [Fact]
    public void A_child_knows_its_parent_until_that_has_ended()
    {
        using var rig = new KernelRig();
        TaskStruct parent = rig.Start();
        TaskStruct child = rig.Fork(parent);
        Assert.Equal(parent.Group.Pid, rig.Call(child, SyscallNr.Getppid).Value);
        rig.Exit(parent);
        Assert.Equal(1, rig.Call(child, SyscallNr.Getppid).Value);
    }

    [Fact]
    public void A_call_that_is_not_modelled_is_ENOSYS_and_counted()
    {
        using var rig = new KernelRig();
        Assert.Equal(Errno.ENOSYS, rig.Call(rig.Start(), (SyscallNr)7).Errno);
        Assert.Equal(1, rig.Kernel.UnknownCalls[7]);
    }
}
