using LinuxMem.Abi;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Tests.Files;

namespace LinuxMem.Mm.Tests.Tasks;

/// <summary>
/// Signals by pidfd and with siginfo, and what else is done to processes through descriptors: answers of Linux 6.18 to
/// the same calls.
/// </summary>
public sealed class QueuedSignalsSpec : IDisposable
{
    private const ulong Usr1 = 10, Kill = 9;
    private const ulong Info = 8, Queue = ulong.MaxValue, User = 0, Tkill = unchecked((ulong)-6L);
    private readonly FileRig rig = new();

    public void Dispose() => rig.Dispose();

    [Fact]
    public void A_pidfd_takes_signals()
    {
        ulong pidfd = Pidfd(rig.Task);
        Block(Usr1);
        Assert.Equal(0, Send(pidfd, Usr1));
        Assert.Equal(0, Send(pidfd, Usr1, (Usr1, Queue)));
        Assert.Equal(0, Send(pidfd, Usr1, (Usr1, User)));
        Assert.Equal(0, Send(pidfd, 0));
        Assert.Equal(0, Send(pidfd, Usr1, flags: 1));
        Assert.True(rig.Task.Signals.Pending.Has(Signal.SigUsr1));
        Assert.Equal(-(long)Errno.EINVAL, Send(pidfd, Usr1 + 1, (Usr1, Queue)));
        Assert.Equal(-(long)Errno.EINVAL, Send(pidfd, 65));
        Assert.Equal(-(long)Errno.EINVAL, Send(pidfd, Usr1, flags: 3));
        Assert.Equal(-(long)Errno.EINVAL, Send(99, Usr1, flags: 8));
        Assert.Equal(-(long)Errno.EBADF, Send(0, Usr1));
        Assert.Equal(-(long)Errno.EFAULT, rig.Call(SyscallNr.PidfdSendSignal, pidfd, Usr1, Info));
    }

    [Fact]
    public void Nobody_poses_as_the_kernel_before_another()
    {
        TaskStruct other = rig.Kernel.Fork(rig.Task);
        ulong own = (ulong)rig.Task.Tid, its = (ulong)other.Tid;
        Block(Usr1);
        Assert.Equal(0, Queued(own, Usr1, User));
        Assert.Equal(0, Queued(own, Usr1, Tkill));
        Assert.Equal(-(long)Errno.EPERM, Queued(its, Usr1, User));
        Assert.Equal(-(long)Errno.EPERM, Queued(its, Usr1, Tkill));
        Assert.Equal(-(long)Errno.EPERM, Queued(99_999, Usr1, User));
        Assert.Equal(-(long)Errno.ESRCH, Queued(99_999, Usr1, Queue));
        Assert.Equal(-(long)Errno.EINVAL, Queued(own, 70, Queue));
        Assert.Equal(-(long)Errno.EFAULT, rig.Call(SyscallNr.RtSigqueueinfo, own, Usr1, Info));
        Assert.Equal(-(long)Errno.EINVAL, ToTask(own, 0));
        Assert.Equal(0, ToTask(own, own));
        Assert.Equal(-(long)Errno.ESRCH, ToTask(own, its));

        long ToTask(ulong pid, ulong tid) =>
            rig.Call(SyscallNr.RtTgsigqueueinfo, pid, tid, Usr1, Info, operands: Told(Queue));
    }

    [Fact]
    public void A_file_of_another_process_is_had_by_its_pidfd()
    {
        TaskStruct parent = rig.Task;
        TaskStruct child = rig.Kernel.Fork(parent);
        rig.Task = child;
        int file = rig.Open("file");
        rig.Write(file, FileRig.Bytes(10));
        rig.Task = parent;
        ulong pidfd = Pidfd(child);
        long had = rig.Call(SyscallNr.PidfdGetfd, pidfd, (ulong)file);
        Assert.Equal(10, rig.Call(SyscallNr.Lseek, (ulong)had, 0, 1));
        Assert.Equal(1, rig.Call(SyscallNr.Fcntl, (ulong)had, 1));
        Assert.Equal(-(long)Errno.EBADF, rig.Call(SyscallNr.PidfdGetfd, pidfd, 99));
        Assert.Equal(-(long)Errno.EBADF, rig.Call(SyscallNr.PidfdGetfd, (ulong)had, 0));
        Assert.Equal(-(long)Errno.EINVAL, rig.Call(SyscallNr.PidfdGetfd, 99, 0, 1));
    }

    [Fact]
    public void Who_hides_its_memory_is_looked_into_by_those_with_the_right_alone()
    {
        const ulong setDumpable = 4;
        TaskStruct parent = rig.Task;
        TaskStruct child = rig.Kernel.Fork(parent);
        ulong pidfd = Pidfd(child);
        rig.Task = child;
        Assert.Equal(0, rig.Call(SyscallNr.Prctl, setDumpable, 0));
        rig.Task = parent;
        Assert.True(rig.Call(SyscallNr.PidfdGetfd, pidfd, 0) >= 0);
        parent.Credentials = parent.Credentials with { Effective = 0 };
        Assert.Equal(-(long)Errno.EPERM, rig.Call(SyscallNr.PidfdGetfd, pidfd, 0));
    }

    [Fact]
    public void The_memory_of_a_dying_process_is_taken_and_of_no_other()
    {
        TaskStruct child = rig.Kernel.Fork(rig.Task);
        ulong pidfd = Pidfd(child);
        rig.Kernel.Access(child, FileRig.Buffer, AccessKind.Write);
        Assert.Equal(-(long)Errno.EINVAL, rig.Call(SyscallNr.ProcessMrelease, pidfd, 1));
        Assert.Equal(-(long)Errno.EINVAL, rig.Call(SyscallNr.ProcessMrelease, pidfd));
        Assert.Equal(-(long)Errno.EBADF, rig.Call(SyscallNr.ProcessMrelease, 0));
        Assert.True(child.Mm.RssAnon > 0);
        Assert.Equal(0, rig.Call(SyscallNr.PidfdSendSignal, pidfd, Kill,
            operands: new SyscallOperands { HoldsSignals = true }));
        Assert.Equal(0, rig.Call(SyscallNr.ProcessMrelease, pidfd));
        Assert.Equal(0, child.Mm.RssAnon);
        Assert.Equal(0, rig.Call(SyscallNr.ProcessMrelease, pidfd));
    }

    [Fact]
    public void A_child_comes_with_a_descriptor_of_itself()
    {
        const ulong pidfd = 0x1000, parentSetTid = 0x10_0000;
        TaskStruct child = rig.Kernel.Fork(rig.Task, (CloneFlags)pidfd);
        Assert.Equal(0, Send(3, 0));
        Assert.Null(child.Files.Find(3));
        Assert.Equal(1, rig.Call(SyscallNr.Fcntl, 3, 1));
        Assert.False(new CloneArguments((CloneFlags)(pidfd | parentSetTid)).AreValid);
    }

    private ulong Pidfd(TaskStruct task) => (ulong)rig.Call(SyscallNr.PidfdOpen, (ulong)task.Group.Pid);

    private void Block(ulong signal) => rig.Call(SyscallNr.RtSigprocmask, 0, Info, 0, 8,
        operands: new SyscallOperands { Words = [1UL << (int)(signal - 1)], BuffersUnknown = true });

    private long Send(ulong pidfd, ulong signal, (ulong Number, ulong Code)? info = null, ulong flags = 0) => rig.Call(
        SyscallNr.PidfdSendSignal, pidfd, signal, info is null ? 0 : Info, flags,
        operands: info is { } told ? new SyscallOperands { Words = [told.Number, told.Code] } : null);

    private long Queued(ulong pid, ulong signal, ulong code) =>
        rig.Call(SyscallNr.RtSigqueueinfo, pid, signal, Info, operands: Told(code));

    private static SyscallOperands Told(ulong code) => new() { Words = [Usr1, code] };
}
