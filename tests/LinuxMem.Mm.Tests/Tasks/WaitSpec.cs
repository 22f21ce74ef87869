using LinuxMem.Abi;
using LinuxMem.Arch.Memory;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Tests.Support;

namespace LinuxMem.Mm.Tests.Tasks;

/// <summary>Whom wait4 and waitid find.</summary>
public sealed class WaitSpec : IDisposable
{
    private const long NoHang = 1, Exited = 4, Continued = 8, NoReap = 0x0100_0000;
    private const long ById = 1, ByGroup = 2, ByDescriptor = 3;
    private readonly KernelRig rig = new(contents: ContentMode.Bytes);
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

    [Fact]
    public void Who_asks_is_told_how_a_child_ended_and_what_it_used()
    {
        const ulong at = 0x2000_0000;
        rig.Map(parent, at, 1);
        child.Group.MinFlt = 7;
        rig.Trap(child, new SyscallRequest { Nr = SyscallNr.ExitGroup, A0 = 3 });
        Assert.Equal(0, rig.Call(parent, SyscallNr.Waitid, 0, 0, at, (ulong)(Exited | NoReap)).Value);
        Assert.Equal((uint)Signal.SigChld, Word(at));
        Assert.Equal(1U, Word(at + 8)); // CLD_EXITED
        Assert.Equal((uint)child.Tid, Word(at + 16));
        Assert.Equal(3U, Word(at + 24));
        Assert.Equal(child.Tid, rig.Call(parent, SyscallNr.Wait4, ulong.MaxValue, at, 0, at + 64).Value);
        Assert.Equal(0x300U, Word(at));
        Assert.Equal((uint)child.Group.MinFlt, Word(at + 64 + 64)); // ru_minflt
        Assert.Equal(-(long)Errno.ECHILD, rig.Call(parent, SyscallNr.Wait4, ulong.MaxValue, at).Value);
    }

    [Fact]
    public void A_bad_place_for_the_status_loses_the_child_all_the_same()
    {
        rig.Exit(child);
        Assert.Equal(-(long)Errno.EFAULT, rig.Call(parent, SyscallNr.Wait4, ulong.MaxValue, 0x7000_0000).Value);
        Assert.Equal(-(long)Errno.ECHILD, Wait4(-1));
    }

    [Fact]
    public void Who_waits_with_a_place_for_the_status_goes_on_when_the_child_is_killed()
    {
        const ulong at = 0x2000_0000;
        rig.Map(parent, at, 1);
        var wait = new SyscallRequest { Nr = SyscallNr.Wait4, A0 = ulong.MaxValue, A1 = at };
        Assert.Equal(TrapAction.Block, rig.Trap(parent, wait).Action);
        Assert.Equal(TaskState.WaitingForChild, parent.State);
        child.Group.ExitSignal = Signal.SigTerm;
        rig.Exit(child);
        Assert.Equal(TaskState.Runnable, parent.State);
        Assert.Equal(TrapAction.Resume, rig.Trap(parent, wait).Action);
        Assert.Equal(child.Tid, parent.Result.Value);
        Assert.Equal((uint)Signal.SigTerm, Word(at));
    }

    private uint Word(ulong at)
    {
        byte[] bytes = new byte[4];
        rig.Memory.Ram.ReadBytes(rig.FrameAt(parent.Mm, at), (int)(at & 0xfff), bytes);
        return BitConverter.ToUInt32(bytes);
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
