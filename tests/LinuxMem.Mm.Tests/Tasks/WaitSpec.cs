using LinuxMem.Abi;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Tests.Support;

namespace LinuxMem.Mm.Tests.Tasks;

/// <summary>Whom wait4 and waitid find.</summary>
public sealed class WaitSpec : IDisposable
{
    private const long NoHang = 1, Exited = 4, Continued = 8, NoReap = 0x0100_0000;
    private const long ById = 1, ByGroup = 2, ByDescriptor = 3;
    private readonly KernelRig rig = new();
    private readonly TaskStruct parent;
    private readonly TaskStruct child;

    public WaitSpec()
    {
        parent = rig.Start();
        child = rig.Fork(parent);
    }

    public void Dispose() => rig.Dispose();

    [Fact]
    public void A_child_that_is_only_looked_at_stays_to_be_waited_for()
    {
        Assert.Equal(0, WaitId(ById, child.Tid, Exited | NoHang));
        rig.Exit(child);
        Assert.Equal(0, WaitId(ById, child.Tid, Continued | NoHang));
        Assert.Equal(0, WaitId(ById, child.Tid, Exited | NoReap));
        Assert.Equal(child.Tid, Wait4(-1));
        Assert.Equal(-(long)Errno.ECHILD, WaitId(0, 0, Exited));
    }

    [Theory]
    [InlineData(0, 0, 0, Errno.EINVAL)] // nothing to wait for
    [InlineData(0, 0, Exited | 0x100, Errno.EINVAL)]
    [InlineData(4, 0, Exited, Errno.EINVAL)]
    [InlineData(ById, 0, Exited, Errno.EINVAL)]
    [InlineData(ByGroup, -1, Exited, Errno.EINVAL)]
    [InlineData(ByDescriptor, 77, Exited, Errno.EBADF)]
    [InlineData(ById, 4711, Exited, Errno.ECHILD)]
    [InlineData(ByGroup, 4711, Exited, Errno.ECHILD)]
    public void Bad_arguments_are_refused(long which, long id, long options, Errno error) =>
        Assert.Equal(-(long)error, WaitId(which, id, options));

    [Fact]
    public void Groups_are_waited_for_by_number_or_as_ones_own()
    {
        Assert.Equal(0, Wait4(0, NoHang));
        rig.Call(parent, SyscallNr.Setpgid, (ulong)child.Tid, 0);
        Assert.Equal(-(long)Errno.ECHILD, Wait4(0, NoHang));
        rig.Exit(child);
        Assert.Equal(0, WaitId(ByGroup, child.Tid, Exited | NoReap));
        Assert.Equal(child.Tid, Wait4(-child.Tid));
    }

    [Fact]
    public void A_descriptor_that_does_not_block_says_to_try_again()
    {
        const ulong nonBlock = 0x800;
        long fd = rig.Call(parent, SyscallNr.PidfdOpen, (ulong)child.Tid, nonBlock).Value;
        Assert.Equal(-(long)Errno.EAGAIN, WaitId(ByDescriptor, fd, Exited));
        Assert.Equal(0, WaitId(ByDescriptor, fd, Exited | NoHang));
        rig.Exit(child);
        Assert.Equal(0, WaitId(ByDescriptor, fd, Exited));
        Assert.Equal(-(long)Errno.ECHILD, WaitId(ByDescriptor, fd, Exited));
    }

    [Fact]
    public void Who_waits_is_woken_with_a_zero_by_waitid()
    {
        Assert.Equal(TrapAction.Block, rig.Trap(parent, Request(SyscallNr.Waitid, ById, child.Tid, Exited)).Action);
        rig.Exit(child);
        Assert.Equal((TaskState.Runnable, 0L), (parent.State, parent.Result.Value));
        Assert.Equal(-(long)Errno.ECHILD, Wait4(-1));
    }

    [Fact]
    public void A_number_is_free_again_when_its_process_was_waited_for_and_no_group_has_it()
    {
        var idle = new IdleProgram(ImageSpec.Empty);
        var again = new SyscallRequest { Nr = SyscallNr.Fork, ChildPid = child.Tid, Child = idle };
        rig.Call(parent, SyscallNr.Setpgid, (ulong)child.Tid, 0);
        TaskStruct grandchild = rig.Fork(child);
        Assert.Equal(Errno.EEXIST, Result(again).Errno);
        rig.Exit(child);
        Assert.Equal(0, rig.Call(parent, SyscallNr.Kill, (ulong)child.Tid, 0).Value); // a zombie can be sent to
        Assert.Equal(Errno.EEXIST, Result(again).Errno);
        Assert.Equal(child.Tid, Wait4(child.Tid));
        Assert.Equal(Errno.EEXIST, Result(again).Errno); // the group lives on
        rig.Exit(grandchild);
        Assert.Equal(child.Tid, Result(again).Value);
        Assert.Equal(1, rig.Kernel.Tasks.FindGroup(child.Tid)!.Incarnation);
        Assert.Equal(2, rig.Kernel.Tasks.Groups.Count(group => group.Pid == child.Tid));
        Assert.Equal(0, rig.Call(parent, SyscallNr.Setpgid, (ulong)child.Tid, 0).Value);
    }

    private SyscallResult Result(in SyscallRequest request)
    {
        rig.Trap(parent, request);
        return parent.Result;
    }

    private static SyscallRequest Request(SyscallNr nr, long which, long id, long options) =>
        new() { Nr = nr, A0 = (ulong)which, A1 = (ulong)id, A3 = (ulong)options };

    private long WaitId(long which, long id, long options)
    {
        rig.Trap(parent, Request(SyscallNr.Waitid, which, id, options));
        return parent.Result.Value;
    }

    private long Wait4(long pid, long options = 0) =>
        rig.Call(parent, SyscallNr.Wait4, (ulong)pid, 0, (ulong)options).Value;
}
