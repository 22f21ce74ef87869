using LinuxMem.Abi;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Tests.Files;

namespace LinuxMem.Mm.Tests.Tasks;

/// <summary>Descriptors of processes and advice through them: answers of Linux 6.18 to the same calls.</summary>
public sealed class PidfdCallsSpec : IDisposable
{
    private const ulong DontNeed = 4;
    private const ulong WillNeed = 3;
    private const ulong Cold = 20;
    private const ulong Area = FileRig.Buffer;
    private readonly FileRig rig = new();

    public void Dispose() => rig.Dispose();

    [Fact]
    public void A_process_is_opened_by_its_pid()
    {
        int pid = rig.Task.Group.Pid;
        Assert.True(rig.Call(SyscallNr.PidfdOpen, (ulong)pid) >= 0);
        Assert.Equal(-(long)Errno.EINVAL, rig.Call(SyscallNr.PidfdOpen, (ulong)pid, 1));
        Assert.Equal(-(long)Errno.EINVAL, rig.Call(SyscallNr.PidfdOpen, 0));
        Assert.Equal(-(long)Errno.EINVAL, rig.Call(SyscallNr.PidfdOpen, ulong.MaxValue));
        Assert.Equal(-(long)Errno.ESRCH, rig.Call(SyscallNr.PidfdOpen, 9999));
        const CloneFlags thread = CloneFlags.Vm | CloneFlags.Thread | CloneFlags.SigHand;
        ulong tid = (ulong)rig.Kernel.Fork(rig.Task, thread).Tid;
        Assert.Equal(-(long)Errno.ENOENT, rig.Call(SyscallNr.PidfdOpen, tid));
        Assert.True(rig.Call(SyscallNr.PidfdOpen, tid, 0x80) >= 0);
    }

    [Fact]
    public void Advice_for_oneself_is_followed_range_by_range()
    {
        long fd = rig.Call(SyscallNr.PidfdOpen, (ulong)rig.Task.Group.Pid);
        rig.Poke(Area, [1]);
        rig.Poke(Area + 4096, [2]);
        IoVec first = new(Area, 4096), second = new(Area + 4096, 4096), askew = new(Area + 1, 4096);
        Assert.Equal(8192, Advise(fd, DontNeed, first, second));
        Assert.Equal([0], rig.Peek(Area, 1));
        Assert.Equal([0], rig.Peek(Area + 4096, 1));
        Assert.Equal(8192, Advise(fd, DontNeed, first, second, askew));
        Assert.Equal(4096, Advise(fd, DontNeed, first, new IoVec(0x6000_0000, 4096)));
        Assert.Equal(-(long)Errno.ENOMEM, Advise(fd, WillNeed, new IoVec(0x6000_0000, 4096)));
        Assert.Equal(-(long)Errno.EINVAL, Advise(fd, DontNeed, askew));
        Assert.Equal(-(long)Errno.EINVAL, Advise(fd, 99, first));
        Assert.Equal(-(long)Errno.EINVAL, Advise(fd, 9, first, second));
        Assert.Equal(8192, Advise(fd, 22, first, second));
        Assert.Equal(0, Advise(fd, DontNeed));
        // Empty ranges are not looked at where nothing follows them, nor what they are advised of.
        IoVec nothing = new(Area + 5, 0);
        Assert.Equal(0, Advise(fd, 77, nothing, nothing));
        Assert.Equal(4096, Advise(fd, DontNeed, first, nothing));
        Assert.Equal(-(long)Errno.EINVAL, Advise(fd, DontNeed, nothing, first));
        Assert.Equal(-(long)Errno.EBADF, Advise(99, DontNeed, first));
        Assert.Equal(-(long)Errno.EBADF, Advise(rig.Open("f"), DontNeed, first));
        Assert.Equal(-(long)Errno.EINVAL,
            rig.Call(SyscallNr.ProcessMadvise, 99, Area, 1, DontNeed, 1));
    }

    [Fact]
    public void Others_are_advised_of_nothing_that_discards()
    {
        TaskStruct parent = rig.Task;
        rig.Poke(Area, [1]);
        TaskStruct child = rig.Kernel.Fork(parent);
        long fd = rig.Call(SyscallNr.PidfdOpen, (ulong)child.Group.Pid);
        IoVec range = new(Area, 4096);
        Assert.Equal(-(long)Errno.EINVAL, Advise(fd, DontNeed, range));
        Assert.Equal(4096, Advise(fd, Cold, range));
        Assert.Equal(4096, Advise(fd, WillNeed, range));
        Capabilities fewer = parent.Credentials.Effective & ~Capabilities.SysNice;
        parent.Credentials = parent.Credentials with { Effective = fewer };
        Assert.Equal(-(long)Errno.EPERM, Advise(fd, Cold, range));
        rig.Kernel.Trap(child, new SyscallRequest { Nr = SyscallNr.ExitGroup });
        Assert.Equal(-(long)Errno.ESRCH, Advise(fd, Cold, range));
    }

    [Fact]
    public void Pending_signals_are_those_that_wait_behind_the_mask()
    {
        Assert.Equal(0, rig.Call(SyscallNr.RtSigpending, Area, 8));
        Assert.Equal(new byte[8], rig.Peek(Area, 8));
        rig.Task.Signals.Blocked = rig.Task.Signals.Blocked.With(Signal.SigUsr1);
        rig.Call(SyscallNr.Tkill, (ulong)rig.Task.Tid, (ulong)Signal.SigUsr1);
        Assert.Equal(0, rig.Call(SyscallNr.RtSigpending, Area, 8));
        Assert.Equal([0, 2, 0, 0, 0, 0, 0, 0], rig.Peek(Area, 8));
        Assert.Equal(-(long)Errno.EINVAL, rig.Call(SyscallNr.RtSigpending, Area, 9));
        Assert.Equal(-(long)Errno.EFAULT, rig.Call(SyscallNr.RtSigpending, 0x1000, 8));
    }

    private long Advise(long fd, ulong advice, params IoVec[] ranges) => rig.Call(SyscallNr.ProcessMadvise,
        (ulong)fd, 0, (ulong)ranges.Length, advice, operands: new SyscallOperands { Vectors = ranges });
}
