using System.Buffers.Binary;
using LinuxMem.Abi;
using LinuxMem.Mm.Tasks;

namespace LinuxMem.Mm.Tests.Files;

/// <summary>memfd_secret, cachestat, membarrier.</summary>
public class MemoryFacilitiesSpec
{
    private const ulong At = 0x2000_0000;
    private const ulong Shared = 1, Private = 2, Fixed = 0x10;

    [Fact]
    public void Secret_memory_is_mapped_shared_and_nobody_else_looks_into_it()
    {
        using var rig = new FileRig();
        Assert.Equal(-(long)Errno.EINVAL, rig.Call(SyscallNr.MemfdSecret, 1));
        ulong fd = (ulong)rig.Call(SyscallNr.MemfdSecret, 0x80000);
        Assert.Equal(0, rig.Call(SyscallNr.Ftruncate, fd, 8192));
        Assert.Equal(-(long)Errno.EINVAL, rig.Call(SyscallNr.Ftruncate, fd, 4096));
        Assert.Equal(-(long)Errno.EINVAL, rig.Call(SyscallNr.Read, fd, FileRig.Buffer, 10));
        Assert.Equal(-(long)Errno.EINVAL, rig.Call(SyscallNr.Write, fd, FileRig.Buffer, 10));
        Assert.Equal(-(long)Errno.ESPIPE, rig.Call(SyscallNr.Pread64, fd, FileRig.Buffer, 10));
        Assert.Equal(-(long)Errno.EOPNOTSUPP, rig.Call(SyscallNr.Fallocate, fd, 0, 0, 4096));
        Assert.Equal(-(long)Errno.EINVAL, rig.Call(SyscallNr.Mmap, At, 8192, 3, Private | Fixed, fd));
        Assert.Equal((long)At, rig.Call(SyscallNr.Mmap, At, 8192, 3, Shared | Fixed, fd));
        Assert.Equal(2UL, rig.Task.Mm.Vmas.LockedVmPages);
        rig.Poke(At, [7]);
        Assert.Equal([7], rig.Peek(At, 1));
        const ulong populateRead = 22;
        Assert.Equal(-(long)Errno.EFAULT, rig.Call(SyscallNr.Madvise, At, 4096, populateRead));
        var remote = new SyscallOperands
        {
            Vectors = [new IoVec(FileRig.Buffer, 8)],
            RemoteVectors = [new IoVec(At, 8)],
        };
        ulong pid = (ulong)rig.Task.Tid;
        Assert.Equal(-(long)Errno.EFAULT,
            rig.Call(SyscallNr.ProcessVmReadv, pid, FileRig.Buffer, 1, 0, 1, operands: remote));
    }

    [Fact]
    public void Locked_memory_is_all_that_secret_memory_may_take()
    {
        using var rig = new FileRig();
        ulong fd = (ulong)rig.Call(SyscallNr.MemfdSecret);
        rig.Task.Credentials = Credentials.Of(1000);
        Assert.Equal(-(long)Errno.EAGAIN, rig.Call(SyscallNr.Mmap, At, 9 << 20, 3, Shared | Fixed, fd));
    }

    [Fact]
    public void The_page_cache_is_counted_by_file()
    {
        using var rig = new FileRig();
        ulong fd = (ulong)rig.Open("/data");
        rig.Call(SyscallNr.Write, fd, FileRig.Buffer, 3 * 4096);
        Assert.Equal((3UL, 3UL), Count(0, 0));
        Assert.Equal((1UL, 1UL), Count(4096, 4096));
        rig.Call(SyscallNr.Fsync, fd);
        Assert.Equal((3UL, 0UL), Count(0, 0));
        Assert.Equal(-(long)Errno.EBADF, rig.Call(SyscallNr.Cachestat, 77, FileRig.Buffer, FileRig.Buffer));
        Assert.Equal(-(long)Errno.EFAULT, rig.Call(SyscallNr.Cachestat, fd, 8, FileRig.Buffer));
        Assert.Equal(-(long)Errno.EINVAL, rig.Call(SyscallNr.Cachestat, fd, FileRig.Buffer, FileRig.Buffer, 1));

        (ulong Cached, ulong Dirty) Count(ulong offset, ulong length)
        {
            byte[] range = new byte[16];
            BinaryPrimitives.WriteUInt64LittleEndian(range, offset);
            BinaryPrimitives.WriteUInt64LittleEndian(range.AsSpan(8), length);
            rig.Poke(FileRig.Buffer, range);
            Assert.Equal(0, rig.Call(SyscallNr.Cachestat, fd, FileRig.Buffer, FileRig.Buffer + 64));
            byte[] counts = rig.Peek(FileRig.Buffer + 64, 40);
            return (BinaryPrimitives.ReadUInt64LittleEndian(counts),
                BinaryPrimitives.ReadUInt64LittleEndian(counts.AsSpan(8)));
        }
    }

    [Fact]
    public void Barriers_are_for_those_who_registered()
    {
        using var rig = new FileRig();
        Assert.Equal(0x3ff, rig.Call(SyscallNr.Membarrier));
        Assert.Equal(0, rig.Call(SyscallNr.Membarrier, 1));
        Assert.Equal(-(long)Errno.EPERM, rig.Call(SyscallNr.Membarrier, 8));
        Assert.Equal(0, rig.Call(SyscallNr.Membarrier, 0x10));
        Assert.Equal(0, rig.Call(SyscallNr.Membarrier, 8));
        Assert.Equal(0x10, rig.Call(SyscallNr.Membarrier, 0x200));
        Assert.Equal(-(long)Errno.EINVAL, rig.Call(SyscallNr.Membarrier, 0x400));
        Assert.Equal(-(long)Errno.EINVAL, rig.Call(SyscallNr.Membarrier, 8, 1));
    }
}
