using LinuxMem.Abi;

namespace LinuxMem.Mm.Tests.Files;

public class ShmCallsSpec
{
    private const ulong At = 0x2000_0000;
    private const ulong Create = 0x200 | 0x180;

    [Fact]
    public void A_segment_is_shared_by_all_who_attach_it_and_neighbours_stay_apart()
    {
        using var rig = new FileRig();
        int id = (int)rig.Call(SyscallNr.Shmget, 0, 8192, Create);
        Assert.Equal(0, id);
        Assert.Equal((long)At, rig.Call(SyscallNr.Shmat, (ulong)id, At, 0));
        Assert.Equal((long)At + 8192, rig.Call(SyscallNr.Shmat, (ulong)id, At + 8192, 0));
        rig.Poke(At + 100, [5, 6]);
        Assert.Equal([5, 6], rig.Peek(At + 8292, 2));
        Assert.Equal(3, rig.Task.Mm.Vmas.Tree.Count);
        Assert.Equal("/SYSV00000000 (deleted)", rig.Task.Mm.Vmas.Tree.Find(At)!.Mapping!.Name);
        Assert.Equal(0, rig.Call(SyscallNr.Shmdt, At));
        Assert.Equal(-(long)Errno.EINVAL, rig.Call(SyscallNr.Shmdt, At));
        Assert.Equal([5, 6], rig.Peek(At + 8292, 2));
    }

    [Fact]
    public void A_removed_segment_lives_until_nobody_has_it_attached()
    {
        using var rig = new FileRig();
        ulong id = (ulong)rig.Call(SyscallNr.Shmget, 42, 4096, Create);
        rig.Call(SyscallNr.Shmat, id, At, 0);
        rig.Poke(At, [1]);
        Assert.Equal(1, rig.Kernel.Cache.PageCount);
        Assert.Equal(0, rig.Call(SyscallNr.Shmctl, id, 0));
        Assert.Equal(-(long)Errno.ENOENT, rig.Call(SyscallNr.Shmget, 42, 4096));
        Assert.Equal((long)At + 0x10000, rig.Call(SyscallNr.Shmat, id, At + 0x10000, 0));
        rig.Call(SyscallNr.Shmdt, At + 0x10000);
        Assert.Equal(1, rig.Kernel.Cache.PageCount);
        rig.Call(SyscallNr.Shmdt, At);
        Assert.Equal(0, rig.Kernel.Cache.PageCount);
        Assert.Equal(-(long)Errno.EINVAL, rig.Call(SyscallNr.Shmat, id, At, 0));
    }

    [Fact]
    public void A_segment_is_not_made_that_memory_could_never_hold_nor_told_of_where_nobody_may_write()
    {
        using var rig = new FileRig();
        const ulong stat = 2, set = 1;
        Assert.Equal(-(long)Errno.ENOMEM, rig.Call(SyscallNr.Shmget, 0, 1UL << 40, Create));
        Assert.True(rig.Call(SyscallNr.Shmget, 0, 1UL << 40, Create | 0x1000) >= 0); // SHM_NORESERVE
        ulong id = (ulong)rig.Call(SyscallNr.Shmget, 0, 4096, Create);
        Assert.Equal(-(long)Errno.EFAULT, rig.Call(SyscallNr.Shmctl, id, stat, 1));
        Assert.Equal(-(long)Errno.EFAULT, rig.Call(SyscallNr.Shmctl, id, set, ulong.MaxValue));
        Assert.Equal(-(long)Errno.EINVAL, rig.Call(SyscallNr.Shmctl, id + 1000, stat, 1));
        Assert.Equal(0, rig.Call(SyscallNr.Shmctl, id, stat, FileRig.Buffer));
    }

    [Theory]
    [InlineData(0, 0x1001, 0, Errno.EINVAL)] // not on a page
    [InlineData(0, 0x2000_0001, 0x2000, Errno.None)] // rounded down
    [InlineData(0, 0, 0x4000, Errno.EINVAL)] // SHM_REMAP needs a place
    [InlineData(7, 0, 0, Errno.EINVAL)] // no such segment
    [InlineData(0, FileRig.Buffer, 0, Errno.EINVAL)] // something is there
    [InlineData(0, FileRig.Buffer, 0x4000, Errno.None)]
    public void Attaching_heeds_the_place(int id, ulong address, ulong flags, Errno error)
    {
        using var rig = new FileRig();
        rig.Call(SyscallNr.Shmget, 0, 4096, Create);
        long expected = error == Errno.None ? (long)(address & ~0xfffUL) : -(long)error;
        Assert.Equal(expected, rig.Call(SyscallNr.Shmat, (ulong)id, address, flags));
    }

    [Fact]
    public void A_segment_attached_for_reading_can_never_be_written()
    {
        using var rig = new FileRig();
        ulong id = (ulong)rig.Call(SyscallNr.Shmget, 1, 4096, Create);
        rig.Call(SyscallNr.Shmat, id, At, 0x1000);
        Assert.Equal(-(long)Errno.EACCES, rig.Call(SyscallNr.Mprotect, At, 4096, 3));
        Assert.Equal(-(long)Errno.EEXIST, rig.Call(SyscallNr.Shmget, 1, 4096, Create | 0x400));
        Assert.Equal(-(long)Errno.EINVAL, rig.Call(SyscallNr.Shmget, 1, 8192, 0));
        Assert.Equal((long)id, rig.Call(SyscallNr.Shmget, 1, 100, 0));
        Assert.Equal(-(long)Errno.EINVAL, rig.Call(SyscallNr.Shmget, 2, 0, Create));
    }
}
