using LinuxMem.Abi;
using LinuxMem.Mm.Fault;

namespace LinuxMem.Mm.Tests.Files;

public class FileCallsSpec
{
    private const ulong At = 0x2000_0000;

    [Fact]
    public void What_is_written_is_read_again_and_holes_are_zeros()
    {
        using var rig = new FileRig();
        int fd = rig.Open("f");
        Assert.Equal(3, fd);
        byte[] bytes = FileRig.Bytes(5000);
        Assert.Equal(5000, rig.Pwrite(fd, bytes, 9000));
        Assert.Equal(new byte[100], rig.Pread(fd, 100, 8900));
        Assert.Equal(bytes, rig.Pread(fd, 8000, 9000));
        Assert.Empty(rig.Pread(fd, 10, 14000));
        Assert.Equal(14000, rig.Call(SyscallNr.Lseek, (ulong)fd, 0, 2));
    }

    [Fact]
    public void Descriptors_are_the_lowest_that_are_free()
    {
        using var rig = new FileRig();
        Assert.Equal(3, rig.Open("a"));
        Assert.Equal(4, rig.Open("b"));
        Assert.Equal(0, rig.Call(SyscallNr.Close, 3));
        Assert.Equal(3, rig.Call(SyscallNr.Dup, 4));
        Assert.Equal(9, rig.Call(SyscallNr.Dup2, 4, 9));
        Assert.Equal(10, rig.Call(SyscallNr.Fcntl, 4, 0, 9));
        Assert.Equal(-(long)Errno.EBADF, rig.Call(SyscallNr.Close, 5));
        Assert.Equal(-(long)Errno.EINVAL, rig.Call(SyscallNr.Dup3, 4, 4, 0));
    }

    [Fact]
    public void Duplicates_share_the_position_and_other_openings_do_not()
    {
        using var rig = new FileRig();
        int fd = rig.Open("f");
        rig.Write(fd, FileRig.Bytes(100));
        int copy = (int)rig.Call(SyscallNr.Dup, (ulong)fd);
        rig.Call(SyscallNr.Lseek, (ulong)fd, 10, 0);
        Assert.Equal(FileRig.Bytes(100)[10..20], rig.Read(copy, 10));
        Assert.Equal(20, rig.Call(SyscallNr.Lseek, (ulong)fd, 0, 1));
        int other = rig.Open("f");
        Assert.Equal(FileRig.Bytes(100)[..10], rig.Read(other, 10));
    }

    [Theory]
    [InlineData(SyscallNr.Read, 99, FileRig.Buffer, Errno.EBADF)]
    [InlineData(SyscallNr.Write, 3, FileRig.Buffer, Errno.EBADF)] // open for reading only
    [InlineData(SyscallNr.Read, 3, 0xffff_8000_0000_0000, Errno.EFAULT)]
    [InlineData(SyscallNr.Read, 3, 0x1000, Errno.EFAULT)]
    public void Bad_arguments_are_refused(SyscallNr nr, ulong fd, ulong address, Errno error)
    {
        using var rig = new FileRig();
        rig.Pwrite(rig.Open("f"), FileRig.Bytes(10), 0);
        rig.Call(SyscallNr.Close, 3);
        Assert.Equal(3, rig.Open("f", 0));
        Assert.Equal(-(long)error, rig.Call(nr, fd, address, 10));
    }

    [Fact]
    public void A_copy_that_runs_into_unmapped_memory_ends_short_and_without_a_signal()
    {
        using var rig = new FileRig();
        int fd = rig.Open("f");
        rig.Pwrite(fd, FileRig.Bytes(100), 0);
        ulong end = FileRig.Buffer + (FileRig.BufferPages * rig.Kernel.Page);
        Assert.Equal(40, rig.Call(SyscallNr.Pread64, (ulong)fd, end - 40, 100, 0));
        Assert.Equal(40, rig.Call(SyscallNr.Pwrite64, (ulong)fd, end - 40, 100, 0));
        Assert.Equal(-(long)Errno.EFAULT, rig.Call(SyscallNr.Pread64, (ulong)fd, end, 100, 0));
    }

    [Fact]
    public void Every_page_that_the_kernel_touches_first_counts_as_a_fault()
    {
        using var rig = new FileRig();
        int fd = rig.Open("f");
        rig.Pwrite(fd, FileRig.Bytes(10), 0);
        long before = rig.MinFlt;
        ulong fresh = FileRig.Buffer + (4 * rig.Kernel.Page);
        Assert.Equal(10, rig.Call(SyscallNr.Pread64, (ulong)fd, fresh - 5, 10, 0));
        Assert.Equal(before + 2, rig.MinFlt);
        Assert.Equal(10, rig.Call(SyscallNr.Pwrite64, (ulong)fd, fresh - 5, 10, 0));
        Assert.Equal(before + 2, rig.MinFlt);
    }

    [Fact]
    public void A_mapping_shows_what_is_written_and_the_file_what_is_stored()
    {
        using var rig = new FileRig();
        int fd = rig.Open("f");
        rig.Pwrite(fd, FileRig.Bytes(8192), 0);
        Assert.Equal((long)At, rig.Map(fd, At, 2, MapFlags.Shared));
        Assert.Equal(FileRig.Bytes(8192)[4000..4200], rig.Peek(At + 4000, 200));
        rig.Pwrite(fd, [1, 2, 3], 100);
        Assert.Equal([1, 2, 3], rig.Peek(At + 100, 3));
        rig.Poke(At + 5000, [7, 8]);
        Assert.Equal([7, 8], rig.Pread(fd, 2, 5000));
    }

    [Fact]
    public void A_first_store_to_a_shared_page_that_was_read_is_a_fault_of_its_own()
    {
        using var rig = new FileRig();
        int fd = rig.Open("f");
        rig.Pwrite(fd, FileRig.Bytes(8192), 0);
        rig.Map(fd, At, 2, MapFlags.Shared);
        Assert.Equal(FaultKind.FileRead, rig.Kernel.Fault(rig.Task, At, AccessKind.Read));
        Assert.Equal(FaultKind.SharedWriteNotify, rig.Kernel.Fault(rig.Task, At, AccessKind.Write));
    }

    [Fact]
    public void Accesses_beyond_the_end_of_a_file_are_bus_errors_and_map_the_neighbours()
    {
        using var rig = new FileRig();
        int fd = rig.Open("f");
        rig.Pwrite(fd, FileRig.Bytes(5000), 0);
        rig.Map(fd, At, 4, MapFlags.Shared);
        long before = rig.MinFlt;
        Assert.Equal(-(long)Errno.EFAULT, rig.Call(SyscallNr.Pwrite64, (ulong)fd, At + (2 * rig.Kernel.Page), 8, 0));
        Assert.Equal(before, rig.MinFlt);
        Assert.Equal(2, rig.Task.Mm.RssFile);
        Assert.Equal(FaultKind.BusAdrErr, rig.Kernel.Fault(rig.Task, At + (2 * rig.Kernel.Page), AccessKind.Write));
        Assert.Equal(Signal.SigBus, rig.Task.Group.ExitSignal);
    }

    [Fact]
    public void Reading_a_hole_of_a_file_through_a_mapping_waits_for_the_disk()
    {
        using var rig = new FileRig();
        int fd = rig.Open("f");
        rig.Call(SyscallNr.Ftruncate, (ulong)fd, 8 * 4096);
        rig.Map(fd, At, 8, MapFlags.Shared);
        rig.Peek(At + 4096, 1);
        Assert.Equal(1, rig.MajFlt);
        rig.Peek(At + (7 * 4096), 1);
        Assert.Equal(1, rig.MajFlt);
        Assert.Equal(8, rig.Task.Mm.RssFile);
    }

    [Fact]
    public void Truncation_takes_pages_and_private_copies_away_and_zeroes_the_rest_of_the_last_page()
    {
        using var rig = new FileRig();
        int fd = rig.Open("f");
        rig.Pwrite(fd, FileRig.Bytes(12288), 0);
        rig.Map(fd, At, 3, MapFlags.Private);
        rig.Map(fd, At + 0x10000, 3, MapFlags.Shared);
        rig.Poke(At + 8192, [1]);
        rig.Peek(At + 0x10000, 1);
        Assert.Equal(0, rig.Call(SyscallNr.Ftruncate, (ulong)fd, 4196));
        Assert.Equal(0, rig.Task.Mm.RssAnon - (long)FileRig.BufferPages + 13); // three buffer pages were written
        Assert.Equal(new byte[96], rig.Peek(At + 4196, 96));
        Assert.Equal(0, rig.Call(SyscallNr.Ftruncate, (ulong)fd, 12288));
        Assert.Equal(new byte[8], rig.Pread(fd, 8, 9000));
        Assert.Equal(new byte[8], rig.Peek(At + 8192, 8));
    }

    [Fact]
    public void A_file_without_a_name_lives_while_it_is_mapped()
    {
        using var rig = new FileRig();
        int fd = rig.Open("f");
        rig.Pwrite(fd, FileRig.Bytes(100), 0);
        rig.Map(fd, At, 1, MapFlags.Shared);
        rig.Kernel.Kernel.Objects.Unlink("f");
        rig.Call(SyscallNr.Close, (ulong)fd);
        Assert.Equal(FileRig.Bytes(100), rig.Peek(At, 100));
        long pages = rig.Kernel.Cache.PageCount;
        rig.Call(SyscallNr.Munmap, At, 4096);
        Assert.Equal(pages - 1, rig.Kernel.Cache.PageCount);
    }

    [Theory]
    [InlineData(0, ProtFlags.Read, MapFlags.Shared, Errno.None)]
    [InlineData(0, ProtFlags.Read | ProtFlags.Write, MapFlags.Shared, Errno.EACCES)]
    [InlineData(0, ProtFlags.Read | ProtFlags.Write, MapFlags.Private, Errno.None)]
    [InlineData(1, ProtFlags.Read, MapFlags.Private, Errno.EACCES)]
    [InlineData(2, ProtFlags.Read, (MapFlags)0x80000 | MapFlags.SharedValidate, Errno.EOPNOTSUPP)]
    [InlineData(2, ProtFlags.Read, MapFlags.FixedNoReplace | MapFlags.SharedValidate, Errno.EOPNOTSUPP)]
    [InlineData(2, ProtFlags.Read, (MapFlags)0x80000 | MapFlags.Shared, Errno.EOPNOTSUPP)]
    [InlineData(2, ProtFlags.Read, MapFlags.GrowsDown | MapFlags.Private, Errno.EINVAL)]
    public void Mapping_heeds_how_the_file_was_opened(int mode, ProtFlags prot, MapFlags flags, Errno error)
    {
        using var rig = new FileRig();
        rig.Pwrite(rig.Open("f"), FileRig.Bytes(100), 0);
        long result = rig.Map(rig.Open("f", mode), At, 1, flags, prot);
        Assert.Equal(error == Errno.None ? (long)At : -(long)error, result);
    }

    [Fact]
    public void A_shared_mapping_of_a_file_open_for_reading_can_never_be_written()
    {
        using var rig = new FileRig();
        rig.Pwrite(rig.Open("f"), FileRig.Bytes(100), 0);
        rig.Map(rig.Open("f", 0), At, 1, MapFlags.Shared, ProtFlags.Read);
        Assert.Equal(-(long)Errno.EACCES, rig.Call(SyscallNr.Mprotect, At, 4096, 3));
    }

    [Fact]
    public void Neighbours_of_two_openings_of_a_file_stay_apart()
    {
        using var rig = new FileRig();
        int first = rig.Open("f");
        int second = rig.Open("f");
        rig.Map(first, At, 1, MapFlags.Shared);
        rig.Map(first, At + 4096, 1, MapFlags.Shared, offset: 4096);
        Assert.Equal(2, rig.Task.Mm.Vmas.Tree.Count);
        rig.Map(second, At + 8192, 1, MapFlags.Shared, offset: 8192);
        Assert.Equal(3, rig.Task.Mm.Vmas.Tree.Count);
    }

    [Fact]
    public void A_pipe_hands_on_bytes_and_its_reader_waits_for_them()
    {
        using var rig = new FileRig();
        Assert.Equal(0, rig.Call(SyscallNr.Pipe2, FileRig.Buffer, 0));
        Assert.Equal([3, 0, 0, 0, 4, 0, 0, 0], rig.Peek(FileRig.Buffer, 8));
        Assert.Equal(10, rig.Write(4, FileRig.Bytes(10)));
        Assert.Equal(FileRig.Bytes(10)[..4], rig.Read(3, 4));
        Assert.Equal(FileRig.Bytes(10)[4..], rig.Read(3, 100));
        var reader = rig.Task;
        var writer = rig.Kernel.Fork(reader);
        rig.Kernel.Kernel.Woken.Clear();
        var read = new SyscallRequest { Nr = SyscallNr.Read, A0 = 3, A1 = FileRig.Buffer + 8192, A2 = 100 };
        Assert.Equal(TrapAction.Block, rig.Kernel.Trap(reader, read).Action);
        rig.Task = writer;
        Assert.Equal(3, rig.Write(4, [7, 8, 9]));
        Assert.Equal([reader], rig.Kernel.Kernel.Woken);
        rig.Task = reader;
        Assert.Equal(3, rig.Call(SyscallNr.Read, 3, read.A1, 100));
        Assert.Equal([7, 8, 9], rig.Peek(read.A1, 3));
    }

    [Fact]
    public void A_pipe_without_writers_is_at_its_end_and_one_without_readers_kills_who_writes()
    {
        using var rig = new FileRig();
        rig.Call(SyscallNr.Pipe2, FileRig.Buffer, 0x800);
        Assert.Equal(-(long)Errno.EAGAIN, rig.Call(SyscallNr.Read, 3, FileRig.Buffer, 1));
        for (int i = 0; i < 16; i++)
            Assert.Equal(4096, rig.Call(SyscallNr.Write, 4, FileRig.Buffer, 4096));
        Assert.Equal(-(long)Errno.EAGAIN, rig.Call(SyscallNr.Write, 4, FileRig.Buffer, 1));
        rig.Call(SyscallNr.Close, 3);
        var write = new SyscallRequest { Nr = SyscallNr.Write, A0 = 4, A1 = FileRig.Buffer, A2 = 1 };
        Assert.Equal(TrapAction.Exit, rig.Kernel.Trap(rig.Task, write).Action);
        Assert.Equal(Signal.SigPipe, rig.Task.Group.ExitSignal);
    }

    [Fact]
    public void Files_from_outside_have_the_contents_that_they_bring()
    {
        using var rig = new FileRig();
        byte[] all = FileRig.Bytes(6000);
        int Read(ulong offset, Memory<byte> into)
        {
            all.AsSpan((int)offset, into.Length).CopyTo(into.Span);
            return into.Length;
        }

        int fd = rig.Open("/lib/x", 0, new ExternalFile(ExternalKind.Regular, 6000, Read));
        Assert.Equal(all, rig.Pread(fd, 9000, 0));
        rig.Map(fd, At, 2, MapFlags.Private, ProtFlags.Read);
        Assert.Equal(all[5000..], rig.Peek(At + 5000, 1000));
        Assert.Equal(0, rig.MajFlt);
        Assert.Equal(-(long)Errno.ENOENT, rig.Open("/lib/y", 0));
    }

    [Fact]
    public void A_child_has_the_descriptors_and_shares_the_positions()
    {
        using var rig = new FileRig();
        int fd = rig.Open("f");
        rig.Write(fd, FileRig.Bytes(50));
        var parent = rig.Task;
        rig.Task = rig.Kernel.Fork(parent);
        Assert.Equal(50, rig.Call(SyscallNr.Lseek, (ulong)fd, 0, 1));
        rig.Call(SyscallNr.Lseek, (ulong)fd, 5, 0);
        rig.Call(SyscallNr.Close, (ulong)fd);
        rig.Task = parent;
        Assert.Equal(5, rig.Call(SyscallNr.Lseek, (ulong)fd, 0, 1));
    }
}
