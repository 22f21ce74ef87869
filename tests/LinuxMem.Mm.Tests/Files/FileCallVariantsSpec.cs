using System.Buffers.Binary;
using LinuxMem.Abi;

namespace LinuxMem.Mm.Tests.Files;

/// <summary>Calls that are variants of others, and those that ask about files.</summary>
public sealed class FileCallVariantsSpec
{
    private const ulong AtFdCwd = unchecked((ulong)-100);

    // Recorded on Linux 6.18, ext4 and a memfd.
    [Theory]
    [InlineData(SyscallNr.Preadv2, 0x30UL, 0UL, Errno.EINVAL)] // RWF_APPEND and RWF_NOAPPEND
    [InlineData(SyscallNr.Preadv2, 0x8UL, 0UL, Errno.None)]
    [InlineData(SyscallNr.Pwritev2, 0x8UL, 0UL, Errno.EOPNOTSUPP)] // RWF_NOWAIT
    [InlineData(SyscallNr.Pwritev2, 0x40UL, 0UL, Errno.EOPNOTSUPP)] // RWF_ATOMIC
    [InlineData(SyscallNr.Pwritev2, 0x1a7UL, 0UL, Errno.None)]
    [InlineData(SyscallNr.Preadv2, 0x200UL, 0UL, Errno.EOPNOTSUPP)]
    [InlineData(SyscallNr.Preadv, 0UL, ulong.MaxValue >> 1, Errno.EINVAL)] // the end is beyond all numbers
    public void Flags_of_vectors_are_refused_as_the_file_knows_them(
        SyscallNr nr, ulong flags, ulong position, Errno error)
    {
        using var rig = new FileRig();
        int fd = rig.Open("f");
        rig.Poke(FileRig.Buffer, [.. BitConverter.GetBytes(FileRig.Buffer + 64), .. BitConverter.GetBytes(2UL)]);
        long answer = rig.Call(nr, (ulong)fd, FileRig.Buffer, 1, position, 0, flags);
        Assert.Equal(error, answer < 0 ? (Errno)(-answer) : Errno.None);
        if (flags == 0)
            return;
        rig.Poke(FileRig.Buffer, [.. BitConverter.GetBytes(FileRig.Buffer + 64), .. BitConverter.GetBytes(0UL)]);
        Assert.Equal(0, rig.Call(nr, (ulong)fd, FileRig.Buffer, 1, 0, 0, flags));
    }

    [Fact]
    public void Ioctl_sets_whether_a_descriptor_stays_and_whether_its_file_waits()
    {
        const ulong closes = 0x5451, stays = 0x5450, waitsNot = 0x5421, getFd = 1, getFlags = 3, nonBlock = 0x800;
        using var rig = new FileRig();
        ulong fd = (ulong)rig.Open("f");
        Assert.Equal(0, rig.Call(SyscallNr.Ioctl, fd, closes));
        Assert.Equal(1, rig.Call(SyscallNr.Fcntl, fd, getFd));
        Assert.Equal(0, rig.Call(SyscallNr.Ioctl, fd, stays));
        Assert.Equal(0, rig.Call(SyscallNr.Fcntl, fd, getFd));
        rig.Poke(FileRig.Buffer, [0, 0, 0, 1, 0, 0, 0, 0, 255, 0, 0, 0]);
        Assert.Equal(0, rig.Call(SyscallNr.Ioctl, fd, waitsNot, FileRig.Buffer));
        Assert.Equal(nonBlock, (ulong)rig.Call(SyscallNr.Fcntl, fd, getFlags) & nonBlock);
        Assert.Equal(0, rig.Call(SyscallNr.Ioctl, fd, waitsNot, FileRig.Buffer + 4)); // four bytes are read
        Assert.Equal(0UL, (ulong)rig.Call(SyscallNr.Fcntl, fd, getFlags) & nonBlock);
        Assert.Equal(-(long)Errno.EFAULT, rig.Call(SyscallNr.Ioctl, fd, waitsNot, 8));
        Assert.Equal(-(long)Errno.EBADF, rig.Call(SyscallNr.Ioctl, 77, waitsNot, 8));
        const int path = 0x200000;
        ulong place = (ulong)rig.Open("f", path);
        Assert.Equal(-(long)Errno.EBADF, rig.Call(SyscallNr.Ioctl, place, closes));
    }

    [Fact]
    public void A_write_that_appends_goes_to_the_end()
    {
        using var rig = new FileRig();
        int fd = rig.Open("f");
        rig.Poke(FileRig.Buffer, [.. BitConverter.GetBytes(FileRig.Buffer + 64), .. BitConverter.GetBytes(2UL)]);
        rig.Poke(FileRig.Buffer + 64, [1, 2]);
        Assert.Equal(2, rig.Call(SyscallNr.Pwritev2, (ulong)fd, FileRig.Buffer, 1, 0));
        Assert.Equal(2, rig.Call(SyscallNr.Pwritev2, (ulong)fd, FileRig.Buffer, 1, 0, 0, 0x10));
        Assert.Equal(4, rig.Call(SyscallNr.Lseek, (ulong)fd, 0, 2));
    }

    [Fact]
    public void Open_and_creat_make_a_file_and_cut_it()
    {
        using var rig = new FileRig();
        int fd = (int)rig.Call(SyscallNr.Creat, 0, 0x180, operands: new SyscallOperands { Path = "f" });
        Assert.Equal(100, rig.Pwrite(fd, FileRig.Bytes(100), 0));
        Assert.Equal(-(long)Errno.EBADF, rig.Call(SyscallNr.Pread64, (ulong)fd, FileRig.Buffer, 1));
        int again = (int)rig.Call(SyscallNr.Open, 0, FileRig.ReadWrite, operands: new SyscallOperands { Path = "f" });
        Assert.Equal(FileRig.Bytes(100), rig.Pread(again, 200, 0));
        rig.Call(SyscallNr.Creat, 0, 0x180, operands: new SyscallOperands { Path = "f" });
        Assert.Empty(rig.Pread(again, 200, 0));
        Assert.Equal(-(long)Errno.ENOENT,
            rig.Call(SyscallNr.Open, 0, FileRig.ReadWrite, operands: new SyscallOperands { Path = "g" }));
    }

    [Theory]
    [InlineData(SyscallNr.Preadv, SyscallNr.Pwritev)]
    [InlineData(SyscallNr.Preadv2, SyscallNr.Pwritev2)]
    public void Vectors_are_read_and_written_at_a_position(SyscallNr read, SyscallNr write)
    {
        using var rig = new FileRig();
        int fd = rig.Open("f");
        IoVec[] there = [new(FileRig.Buffer, 30), new(FileRig.Buffer + 4096, 50)];
        var operands = new SyscallOperands { Vectors = there };
        rig.Poke(FileRig.Buffer, FileRig.Bytes(30));
        rig.Poke(FileRig.Buffer + 4096, FileRig.Bytes(50, 1));
        Assert.Equal(80, rig.Call(write, (ulong)fd, FileRig.Buffer + 8192, 2, 10, operands: operands));
        Assert.Equal([.. FileRig.Bytes(30), .. FileRig.Bytes(50, 1)], rig.Pread(fd, 80, 10));
        Assert.Equal(60, rig.Call(read, (ulong)fd, FileRig.Buffer + 8192, 2, 30, operands: operands));
        Assert.Equal([.. FileRig.Bytes(30)[20..], .. FileRig.Bytes(50, 1)[..20]], rig.Peek(FileRig.Buffer, 30));
    }

    [Fact]
    public void Writev_moves_the_position_on()
    {
        using var rig = new FileRig();
        int fd = rig.Open("f");
        rig.Poke(FileRig.Buffer, FileRig.Bytes(40));
        var operands = new SyscallOperands { Vectors = [new(FileRig.Buffer, 15), new(FileRig.Buffer + 15, 25)] };
        Assert.Equal(40, rig.Call(SyscallNr.Writev, (ulong)fd, FileRig.Buffer + 8192, 2, operands: operands));
        Assert.Equal(40, rig.Call(SyscallNr.Lseek, (ulong)fd, 0, 1));
        Assert.Equal(FileRig.Bytes(40), rig.Pread(fd, 100, 0));
    }

    [Fact]
    public void Truncate_cuts_the_file_of_that_name()
    {
        using var rig = new FileRig();
        int fd = rig.Open("f");
        rig.Pwrite(fd, FileRig.Bytes(100), 0);
        Assert.Equal(0, rig.Call(SyscallNr.Truncate, 0, 10, operands: new SyscallOperands { Path = "f" }));
        Assert.Equal(FileRig.Bytes(10), rig.Pread(fd, 100, 0));
        Assert.Equal(-(long)Errno.ENOENT,
            rig.Call(SyscallNr.Truncate, 0, 10, operands: new SyscallOperands { Path = "g" }));
    }

    [Theory]
    [InlineData(SyscallNr.Stat, 1, 48)]
    [InlineData(SyscallNr.Lstat, 1, 48)]
    [InlineData(SyscallNr.Fstat, 1, 48)]
    [InlineData(SyscallNr.Newfstatat, 2, 48)]
    [InlineData(SyscallNr.Statx, 4, 40)]
    public void Stat_and_its_kin_tell_the_size(SyscallNr nr, int buffer, int at)
    {
        using var rig = new FileRig();
        int fd = rig.Open("f");
        rig.Pwrite(fd, FileRig.Bytes(1234), 0);
        ulong[] a = new ulong[5];
        a[0] = nr == SyscallNr.Fstat ? (ulong)fd : nr is SyscallNr.Newfstatat or SyscallNr.Statx ? AtFdCwd : 0;
        a[buffer] = FileRig.Buffer + 4096;
        long Ask(string path) => rig.Call(nr, a[0], a[1], a[2], a[3], a[4], 0, new SyscallOperands { Path = path });
        Assert.Equal(0, Ask("f"));
        Assert.Equal(1234UL, BinaryPrimitives.ReadUInt64LittleEndian(rig.Peek(FileRig.Buffer + 4096 + (ulong)at, 8)));
        if (nr != SyscallNr.Fstat)
            Assert.Equal(-(long)Errno.ENOENT, Ask("g"));
        a[0] = nr == SyscallNr.Fstat ? 99 : a[0];
        Assert.True(Ask("g") < 0);
    }

    [Theory]
    [InlineData(SyscallNr.Fdatasync)]
    [InlineData(SyscallNr.Syncfs)]
    [InlineData(SyscallNr.Sync)]
    [InlineData(SyscallNr.SyncFileRange)]
    public void What_was_written_out_is_clean_and_a_store_to_it_faults_again(SyscallNr nr)
    {
        using var rig = new FileRig();
        int fd = rig.Open("f");
        rig.Pwrite(fd, FileRig.Bytes(100), 0);
        const ulong at = 0x2000_0000;
        Assert.Equal((long)at, rig.Map(fd, at, 1, MapFlags.Shared));
        rig.Poke(at, [7]);
        long before = rig.MinFlt;
        rig.Poke(at, [8]);
        Assert.Equal(before, rig.MinFlt);
        Assert.Equal(0, rig.Call(nr, (ulong)fd, 0, 0, nr == SyscallNr.SyncFileRange ? 2UL : 0));
        rig.Poke(at, [9]);
        Assert.Equal(before + 1, rig.MinFlt);
        if (nr != SyscallNr.Sync)
            Assert.Equal(-(long)Errno.EBADF, rig.Call(nr, 99));
    }

    [Fact]
    public void Readahead_brings_pages_in_so_that_a_mapping_has_no_major_faults()
    {
        using var rig = new FileRig();
        var outside = new ExternalFile(ExternalKind.Regular, 65536);
        int fd = rig.Open("f", external: outside);
        Assert.Equal(0, rig.Call(SyscallNr.Readahead, (ulong)fd, 0, 65536));
        rig.Map(fd, 0x2000_0000, 16, MapFlags.Private, ProtFlags.Read);
        rig.Peek(0x2000_0000 + (4096 * 9), 1);
        Assert.Equal(0, rig.MajFlt);
        Assert.Equal(-(long)Errno.EBADF, rig.Call(SyscallNr.Readahead, 99, 0, 1));
        Assert.Equal(-(long)Errno.EINVAL, rig.Call(SyscallNr.Readahead, (ulong)fd, 0, 1UL << 63));
    }

    [Fact]
    public void Readahead_of_no_length_is_one_to_the_end_of_the_file()
    {
        using var rig = new FileRig();
        int fd = rig.Open("f", external: new ExternalFile(ExternalKind.Regular, 65536));
        Assert.Equal(0, rig.Call(SyscallNr.Readahead, (ulong)fd, 4096, 0));
        rig.Map(fd, 0x2000_0000, 16, MapFlags.Private, ProtFlags.Read);
        rig.Peek(0x2000_0000 + (4096 * 15), 1);
        Assert.Equal(0, rig.MajFlt);
    }

    [Fact]
    public void Advice_to_remove_punches_a_hole_into_a_shared_file_and_refuses_private_memory()
    {
        using var rig = new FileRig();
        int fd = rig.Open("f");
        rig.Pwrite(fd, FileRig.Bytes(8192), 0);
        const ulong at = 0x2000_0000;
        const ulong remove = (ulong)Advice.Remove;
        rig.Map(fd, at, 2, MapFlags.Shared);
        Assert.Equal(FileRig.Bytes(1), rig.Peek(at, 1));
        Assert.Equal(0, rig.Call(SyscallNr.Madvise, at, 4096, remove));
        Assert.Equal(new byte[16], rig.Peek(at, 16));
        Assert.Equal(new byte[4096], rig.Pread(fd, 4096, 0));
        Assert.Equal(FileRig.Bytes(8192)[4096..], rig.Pread(fd, 4096, 4096));
        Assert.Equal(-(long)Errno.EINVAL, rig.Call(SyscallNr.Madvise, FileRig.Buffer, 4096, remove));
    }

    [Fact]
    public void Names_are_moved_and_taken_by_the_calls_with_directories_too()
    {
        using var rig = new FileRig();
        rig.Open("a");
        rig.Open("b");
        long Move(SyscallNr nr, string from, string to, ulong flags = 0) => rig.Call(nr, AtFdCwd, 0, AtFdCwd, 0, flags,
            operands: new SyscallOperands { Path = from, Path2 = to });
        Assert.Equal(-(long)Errno.EEXIST, Move(SyscallNr.Renameat2, "a", "b", 1));
        Assert.Equal(-(long)Errno.EINVAL, Move(SyscallNr.Renameat2, "a", "b", 3));
        Assert.Equal(0, Move(SyscallNr.Renameat, "a", "c"));
        long Remove(string path, ulong flags = 0) =>
            rig.Call(SyscallNr.Unlinkat, AtFdCwd, 0, flags, operands: new SyscallOperands { Path = path });
        Assert.Equal(-(long)Errno.ENOENT, Remove("a"));
        Assert.Equal(-(long)Errno.ENOTDIR, Remove("c", 0x200));
        Assert.Equal(-(long)Errno.EINVAL, Remove("c", 1));
        Assert.Equal(0, Remove("c"));
        Assert.Equal(-(long)Errno.ENOENT, Remove("c"));
    }

    [Fact]
    public void Close_range_closes_what_lies_in_it_and_pipe_makes_two()
    {
        using var rig = new FileRig();
        Assert.Equal(0, rig.Call(SyscallNr.Pipe, FileRig.Buffer));
        byte[] pair = rig.Peek(FileRig.Buffer, 8);
        int[] ends = [BitConverter.ToInt32(pair, 0), BitConverter.ToInt32(pair, 4)];
        Assert.Equal(ends[0] + 1, ends[1]);
        Assert.Equal(0, rig.Call(SyscallNr.CloseRange, (ulong)ends[1], uint.MaxValue));
        Assert.Equal(-(long)Errno.EBADF, rig.Call(SyscallNr.Close, (ulong)ends[1]));
        Assert.Equal(0, rig.Call(SyscallNr.Close, (ulong)ends[0]));
        Assert.Equal(-(long)Errno.EINVAL, rig.Call(SyscallNr.CloseRange, 5, 4));
    }
}
