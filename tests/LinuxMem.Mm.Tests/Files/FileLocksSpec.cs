using CsCheck;
using LinuxMem.Abi;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Vfs.Locks;

namespace LinuxMem.Mm.Tests.Files;

/// <summary>Locks of open files as a whole, and of processes and open files on ranges of bytes.</summary>
public class FileLocksSpec
{
    private const ulong Shared = 1, Exclusive = 2, NonBlocking = 4, Unlock = 8;
    private const ulong GetLock = 5, SetLock = 6, SetLockWait = 7, GetOwnLock = 36, SetOwnLock = 37;
    private const short Read = 0, Write = 1, Free = 2;

    [Fact]
    public void A_lock_on_the_whole_belongs_to_the_open_file()
    {
        using var rig = new FileRig();
        ulong one = (ulong)rig.Open("f"), two = (ulong)rig.Open("f"), copy = (ulong)rig.Call(SyscallNr.Dup, one);
        Assert.Equal(0, rig.Call(SyscallNr.Flock, one, Exclusive));
        Assert.Equal(0, rig.Call(SyscallNr.Flock, copy, Exclusive | NonBlocking));
        Assert.Equal(-(long)Errno.EAGAIN, rig.Call(SyscallNr.Flock, two, Shared | NonBlocking));
        rig.Call(SyscallNr.Close, one);
        Assert.Equal(-(long)Errno.EAGAIN, rig.Call(SyscallNr.Flock, two, Shared | NonBlocking));
        rig.Call(SyscallNr.Close, copy);
        Assert.Equal(0, rig.Call(SyscallNr.Flock, two, Shared | NonBlocking));
        ulong three = (ulong)rig.Open("f");
        Assert.Equal(0, rig.Call(SyscallNr.Flock, three, Shared));
        // Who wants more gives up what it has.
        Assert.Equal(-(long)Errno.EAGAIN, rig.Call(SyscallNr.Flock, three, Exclusive | NonBlocking));
        Assert.Equal(0, rig.Call(SyscallNr.Flock, two, Exclusive | NonBlocking));
        Assert.Equal(0, rig.Call(SyscallNr.Flock, two, Unlock));
        Assert.Equal(0, rig.Call(SyscallNr.Flock, three, Exclusive | NonBlocking));
    }

    [Theory]
    [InlineData(99, Shared, Errno.EBADF)]
    [InlineData(99, 3, Errno.EINVAL)]
    [InlineData(99, 32, Errno.None)] // LOCK_MAND does nothing
    [InlineData(99, 4, Errno.EINVAL)]
    public void What_is_no_lock_is_refused_before_the_descriptor(ulong fd, ulong operation, Errno error)
    {
        using var rig = new FileRig();
        Assert.Equal(-(long)error, rig.Call(SyscallNr.Flock, fd, operation));
    }

    [Fact]
    public void Who_waits_for_a_lock_gets_it_when_it_is_free()
    {
        using var rig = new FileRig();
        ulong one = (ulong)rig.Open("f"), two = (ulong)rig.Open("f");
        rig.Call(SyscallNr.Flock, one, Exclusive);
        TaskStruct child = rig.Kernel.Fork(rig.Task);
        var wants = new SyscallRequest { Nr = SyscallNr.Flock, A0 = two, A1 = Shared };
        Assert.Equal(TrapAction.Block, rig.Kernel.Trap(child, wants).Action);
        rig.Call(SyscallNr.Flock, one, Unlock);
        Assert.Contains(child, rig.Kernel.Kernel.Woken);
        Assert.Equal(TrapAction.Resume, rig.Kernel.Trap(child, wants).Action);
        Assert.Equal(0, child.Result.Value);
    }

    [Fact]
    public void A_lock_on_a_range_belongs_to_the_process_and_goes_with_any_descriptor()
    {
        using var rig = new FileRig();
        int fd = rig.Open("f"), other = rig.Open("f");
        Assert.Equal(0, Lock(rig, fd, SetLock, Write, 10, 10));
        Assert.Equal(0, Lock(rig, other, SetLock, Read, 12, 2));
        TaskStruct parent = rig.Task;
        rig.Task = rig.Kernel.Fork(parent);
        Assert.Equal(-(long)Errno.EAGAIN, Lock(rig, fd, SetLock, Read, 0, 0));
        Assert.Equal(0, Lock(rig, fd, SetLock, Read, 12, 2));
        Assert.Equal(-(long)Errno.EAGAIN, Lock(rig, fd, SetLock, Write, 12, 2));
        Assert.Equal(0, Lock(rig, fd, SetLock, Write, 20, 0));
        rig.Task = parent;
        rig.Call(SyscallNr.Close, (ulong)other);
        rig.Task = rig.Kernel.Fork(parent);
        Assert.Equal(0, Lock(rig, fd, SetLock, Write, 10, 2));
    }

    [Fact]
    public void Who_is_in_the_way_is_told()
    {
        using var rig = new FileRig();
        int fd = rig.Open("f");
        rig.Pwrite(fd, new byte[100], 0);
        Lock(rig, fd, SetLock, Write, -10, 5, whence: 2);
        int owner = rig.Task.Group.Pid;
        rig.Task = rig.Kernel.Fork(rig.Task);
        Assert.Equal((Write, 90L, 5L, owner), Ask(rig, fd, GetLock, Read, 0, 0));
        Assert.Equal(Free, Ask(rig, fd, GetLock, Write, 95, 10).Type);
        // Of an open file's lock no process is the owner.
        int own = rig.Open("f");
        Assert.Equal(0, Lock(rig, own, SetOwnLock, Read, 200, 0));
        Assert.Equal((Read, 200L, 0L, -1), Ask(rig, fd, GetLock, Write, 100, 200));
        Assert.Equal(Free, Ask(rig, own, GetOwnLock, Write, 100, 200).Type);
    }

    [Theory]
    [InlineData(SetLock, 5, 0, 0, 1, 0, Errno.EINVAL)]
    [InlineData(SetLock, Read, 3, 0, 1, 0, Errno.EINVAL)]
    [InlineData(SetLock, Read, 0, -1, 1, 0, Errno.EINVAL)]
    [InlineData(SetLock, Read, 0, 5, -6, 0, Errno.EINVAL)]
    [InlineData(SetLock, Read, 0, 5, -5, 0, Errno.None)]
    [InlineData(SetLock, Read, 0, 5, long.MaxValue, 0, Errno.EOVERFLOW)]
    [InlineData(GetLock, Free, 0, 0, 1, 0, Errno.EINVAL)]
    [InlineData(GetOwnLock, Free, 0, 0, 1, 0, Errno.None)]
    [InlineData(SetOwnLock, Read, 0, 0, 1, 7, Errno.EINVAL)]
    public void A_range_that_is_none_is_refused(
        ulong command, short type, short whence, long start, long length, int pid, Errno error)
    {
        using var rig = new FileRig();
        Assert.Equal(-(long)error, Lock(rig, rig.Open("f"), command, type, start, length, whence, pid));
    }

    [Fact]
    public void A_lock_needs_the_right_to_do_what_it_is_for()
    {
        using var rig = new FileRig();
        rig.Open("f");
        int readOnly = rig.Open("f", 0);
        Assert.Equal(-(long)Errno.EBADF, Lock(rig, readOnly, SetLock, Write, 0, 1));
        Assert.Equal(0, Lock(rig, readOnly, SetLock, Read, 0, 1));
        Assert.Equal(-(long)Errno.EFAULT, rig.Call(SyscallNr.Fcntl, (ulong)readOnly, SetLock, 8));
    }

    [Fact]
    public void Two_who_would_wait_for_each_other_are_found_out()
    {
        using var rig = new FileRig();
        int fd = rig.Open("f");
        Lock(rig, fd, SetLock, Write, 0, 1);
        TaskStruct parent = rig.Task, child = rig.Kernel.Fork(parent);
        rig.Task = child;
        Lock(rig, fd, SetLock, Write, 1, 1);
        Assert.Equal(TrapAction.Block, rig.Kernel.Trap(child, Request(fd, SetLockWait, Write, 0, 1)).Action);
        rig.Task = parent;
        Assert.Equal(-(long)Errno.EDEADLK, Lock(rig, fd, SetLockWait, Write, 1, 1));
        Assert.Equal(0, Lock(rig, fd, SetLock, Free, 0, 0));
        Assert.Contains(child, rig.Kernel.Kernel.Woken);
    }

    [Fact]
    public void Locks_of_one_owner_are_what_an_array_says()
    {
        var step = Gen.Select(Gen.Int[0, 2], Gen.Int[0, 19], Gen.Int[1, 8]);
        step.Array[0, 30].Sample(steps =>
        {
            var locks = new FileLocks([]);
            object owner = new();
            var model = new int[40];
            foreach ((int type, int first, int count) in steps)
            {
                if (type == Free)
                    locks.Unlock(owner, first, first + count - 1);
                else
                    locks.Lock(new RangeLock(owner, 1, first, first + count - 1, type == Write));
                model.AsSpan(first, count).Fill(type == Free ? 0 : 1 + type);
            }

            var told = new int[40];
            foreach (RangeLock held in locks.Ranges)
            {
                for (long at = held.First; at <= held.Last; at++)
                    told[at] = told[at] == 0 ? held.IsExclusive ? 2 : 1 : -1;
            }

            Assert.Equal(model, told);
            // Neighbours of a kind are one.
            for (int i = 1; i < locks.Ranges.Count; i++)
            {
                RangeLock before = locks.Ranges[i - 1], here = locks.Ranges[i];
                Assert.True(before.Last + 1 < here.First || before.IsExclusive != here.IsExclusive);
            }
        }, iter: 2000);
    }

    private static SyscallRequest Request(int fd, ulong command, short type, long start, long length,
        short whence = 0, int pid = 0) => new()
        {
            Nr = SyscallNr.Fcntl,
            A0 = (ulong)fd,
            A1 = command,
            Operands = new SyscallOperands
            {
                Words = [(ushort)type | ((ulong)(ushort)whence << 16), (ulong)start, (ulong)length, (uint)pid],
                BuffersUnknown = true,
                WantsCopied = true,
            },
        };

    private static long Lock(FileRig rig, int fd, ulong command, short type, long start, long length,
        short whence = 0, int pid = 0)
    {
        SyscallRequest request = Request(fd, command, type, start, length, whence, pid);
        return rig.Call(SyscallNr.Fcntl, request.A0, request.A1, operands: request.Operands);
    }

    private static (short Type, long Start, long Length, int Pid) Ask(
        FileRig rig, int fd, ulong command, short type, long start, long length)
    {
        SyscallRequest request = Request(fd, command, type, start, length);
        Assert.Equal(0, rig.Call(SyscallNr.Fcntl, request.A0, request.A1, operands: request.Operands));
        byte[] told = [.. request.Operands!.Copied];
        return (BitConverter.ToInt16(told), BitConverter.ToInt64(told, 8), BitConverter.ToInt64(told, 16),
            BitConverter.ToInt32(told, 24));
    }
}
