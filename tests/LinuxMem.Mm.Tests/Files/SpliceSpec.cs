using LinuxMem.Abi;

namespace LinuxMem.Mm.Tests.Files;

/// <summary>splice, tee, vmsplice and sendfile move bytes between files, pipes and memory.</summary>
public sealed class SpliceSpec
{
    private const ulong NonBlock = 2;
    private const ulong In = 4, Out = 5, In2 = 6, Out2 = 7; // descriptors: the file is 3
    private const ulong Place = FileRig.Buffer + (15 * 4096);

    [Fact]
    public void A_file_goes_through_a_pipe_into_another()
    {
        using FileRig rig = Rig(out int file);
        int copy = rig.Open("copy");
        Assert.Equal(9000, rig.Call(SyscallNr.Splice, (ulong)file, 0, Out, 0, 100_000));
        Assert.Equal(0, rig.Call(SyscallNr.Splice, (ulong)file, 0, Out, 0, 100));
        Assert.Equal(5000, rig.Call(SyscallNr.Splice, In, 0, (ulong)copy, 0, 5000));
        Assert.Equal(4000, rig.Call(SyscallNr.Splice, In, 0, (ulong)copy, 0, 100_000));
        Assert.Equal(FileRig.Bytes(9000), rig.Pread(copy, 10_000, 0));
        Assert.Equal(9000, rig.Call(SyscallNr.Lseek, (ulong)copy, 0, 1));
        Assert.Equal(-(long)Errno.EAGAIN, rig.Call(SyscallNr.Splice, In, 0, (ulong)copy, 0, 1, NonBlock));
    }

    [Fact]
    public void A_place_in_memory_stands_for_the_position_of_the_file_and_moves_on()
    {
        using FileRig rig = Rig(out int file);
        rig.Poke(Place, BitConverter.GetBytes(4000UL));
        Assert.Equal(200, rig.Call(SyscallNr.Splice, (ulong)file, Place, Out, 0, 200));
        Assert.Equal(4200UL, BitConverter.ToUInt64(rig.Peek(Place, 8)));
        Assert.Equal(0, rig.Call(SyscallNr.Lseek, (ulong)file, 0, 1));
        Assert.Equal(FileRig.Bytes(9000)[4000..4200], rig.Read((int)In, 1000));
    }

    [Fact]
    public void A_page_that_begins_in_its_middle_takes_a_place_of_the_pipe_as_a_whole_one_does()
    {
        using FileRig rig = Rig(out int file);
        rig.Pwrite(file, FileRig.Bytes(30_000), 0);
        rig.Pwrite(file, FileRig.Bytes(30_000), 30_000);
        rig.Pwrite(file, FileRig.Bytes(30_000), 60_000);
        rig.Poke(Place, BitConverter.GetBytes(100UL));
        Assert.Equal((16 * 4096) - 100, rig.Call(SyscallNr.Splice, (ulong)file, Place, Out, 0, 1 << 20, NonBlock));
        Assert.Equal(-(long)Errno.EAGAIN, rig.Call(SyscallNr.Splice, (ulong)file, 0, Out, 0, 1, NonBlock));
    }

    [Fact]
    public void Tee_gives_another_pipe_the_same_bytes_and_leaves_them()
    {
        using FileRig rig = Rig(out _);
        rig.Write((int)Out, FileRig.Bytes(5000));
        Assert.Equal(4500, rig.Call(SyscallNr.Tee, In, Out2, 4500));
        // What is written behind a page that two pipes have does not show in the other.
        rig.Write((int)Out2, [1, 2, 3]);
        Assert.Equal(FileRig.Bytes(5000), rig.Read((int)In, 10_000));
        Assert.Equal([.. FileRig.Bytes(5000)[..4500], 1, 2, 3], rig.Read((int)In2, 10_000));
    }

    [Fact]
    public void Pages_go_from_pipe_to_pipe_whole_or_in_part()
    {
        using FileRig rig = Rig(out _);
        rig.Write((int)Out, FileRig.Bytes(6000));
        Assert.Equal(5000, rig.Call(SyscallNr.Splice, In, 0, Out2, 0, 5000));
        Assert.Equal(FileRig.Bytes(6000)[5000..], rig.Read((int)In, 10_000));
        Assert.Equal(FileRig.Bytes(6000)[..5000], rig.Read((int)In2, 10_000));
    }

    [Fact]
    public void Memory_goes_into_a_pipe_page_by_page_and_comes_out_of_it()
    {
        using FileRig rig = Rig(out _);
        rig.Poke(FileRig.Buffer + 4096, FileRig.Bytes(5000));
        rig.Poke(Place, [.. BitConverter.GetBytes(FileRig.Buffer + 4096), .. BitConverter.GetBytes(5000UL)]);
        Assert.Equal(5000, rig.Call(SyscallNr.Vmsplice, Out, Place, 1, NonBlock));
        rig.Poke(Place, [.. BitConverter.GetBytes(FileRig.Buffer + 12288), .. BitConverter.GetBytes(8000UL)]);
        Assert.Equal(5000, rig.Call(SyscallNr.Vmsplice, In, Place, 1, NonBlock));
        Assert.Equal(FileRig.Bytes(5000), rig.Peek(FileRig.Buffer + 12288, 5000));
        rig.Poke(Place, [.. BitConverter.GetBytes(8UL), .. BitConverter.GetBytes(8UL)]);
        Assert.Equal(-(long)Errno.EFAULT, rig.Call(SyscallNr.Vmsplice, Out, Place, 1, NonBlock));
    }

    [Fact]
    public void Memory_that_may_only_be_written_goes_into_a_pipe_if_it_is_there()
    {
        using FileRig rig = Rig(out _);
        const ulong at = 0x6000_0000;
        Assert.Equal((long)at, rig.Call(SyscallNr.Mmap, at, 8192, 2, 0x32, ulong.MaxValue));
        rig.Poke(Place, [.. BitConverter.GetBytes(at), .. BitConverter.GetBytes(8192UL)]);
        Assert.Equal(-(long)Errno.EFAULT, rig.Call(SyscallNr.Vmsplice, Out, Place, 1, NonBlock));
        rig.Poke(at, [1]);
        Assert.Equal(4096, rig.Call(SyscallNr.Vmsplice, Out, Place, 1, NonBlock));
    }

    [Fact]
    public void A_pipe_grows_and_shrinks_but_not_below_what_is_in_it()
    {
        const ulong setSize = 1031, getSize = 1032;
        using FileRig rig = Rig(out int file);
        Assert.Equal(65536, rig.Call(SyscallNr.Fcntl, In, getSize));
        Assert.Equal(8192, rig.Call(SyscallNr.Fcntl, In, setSize, 5000));
        rig.Write((int)Out, new byte[8192]);
        Assert.Equal(-(long)Errno.EAGAIN, rig.Call(SyscallNr.Splice, (ulong)file, 0, Out, 0, 1, NonBlock));
        Assert.Equal(-(long)Errno.EBUSY, rig.Call(SyscallNr.Fcntl, In, setSize, 1));
        Assert.Equal(16384, rig.Call(SyscallNr.Fcntl, In, setSize, 16384));
        Assert.Equal(1, rig.Call(SyscallNr.Splice, (ulong)file, 0, Out, 0, 1, NonBlock));
        Assert.Equal(1 << 20, rig.Call(SyscallNr.Fcntl, In, setSize, 1 << 20));
        Assert.Equal(-(long)Errno.EPERM, rig.Call(SyscallNr.Fcntl, In, setSize, 1 << 21));
        Assert.Equal(-(long)Errno.EINVAL, rig.Call(SyscallNr.Fcntl, In, setSize, uint.MaxValue));
        Assert.Equal(-(long)Errno.EBADF, rig.Call(SyscallNr.Fcntl, (ulong)file, setSize, 4096));
    }

    [Theory]
    [InlineData(3, 0, 3, 0, 1, 0, Errno.EINVAL)] // no pipe
    [InlineData(4, 0, 5, 0, 1, 0, Errno.EINVAL)] // the pipe itself
    [InlineData(3, 0, 5, 0, 1, 16, Errno.EINVAL)]
    [InlineData(3, 0, 5, 0, 0, 16, Errno.None)] // nothing is asked for: the flags are not looked at
    [InlineData(99, 0, 5, 0, 1, 0, Errno.EBADF)]
    [InlineData(5, 0, 3, 0, 1, 0, Errno.EBADF)] // not open for reading
    [InlineData(3, 0, 4, 0, 1, 0, Errno.EBADF)] // not open for writing
    [InlineData(4, 8, 3, 0, 1, 0, Errno.ESPIPE)]
    [InlineData(3, 0, 5, 8, 1, 0, Errno.ESPIPE)]
    [InlineData(3, 8, 5, 0, 1, 0, Errno.EFAULT)]
    [InlineData(3, 0, 5, 0, -1, 0, Errno.EINVAL)]
    public void Splice_refuses_in_the_order_of_Linux(ulong from, ulong fromPlace, ulong to, ulong toPlace, long count,
        ulong flags, Errno error)
    {
        using FileRig rig = Rig(out _);
        Assert.Equal(-(long)error, rig.Call(SyscallNr.Splice, from, fromPlace, to, toPlace, (ulong)count, flags));
    }

    [Theory]
    [InlineData(4, 5, 1, 0, Errno.EINVAL)] // the pipe itself
    [InlineData(4, 3, 1, 0, Errno.EINVAL)]
    [InlineData(4, 7, 0, 16, Errno.EINVAL)] // the flags are looked at first
    [InlineData(4, 7, 0, 0, Errno.None)]
    [InlineData(5, 7, 1, 0, Errno.EBADF)]
    [InlineData(4, 6, 1, 0, Errno.EBADF)]
    [InlineData(4, 7, 1, NonBlock, Errno.EAGAIN)]
    public void Tee_refuses_in_the_order_of_Linux(ulong from, ulong to, ulong count, ulong flags, Errno error)
    {
        using FileRig rig = Rig(out _);
        Assert.Equal(-(long)error, rig.Call(SyscallNr.Tee, from, to, count, flags));
    }

    [Fact]
    public void A_pipe_that_nobody_writes_is_at_its_end_and_one_that_nobody_reads_kills_who_fills_it()
    {
        using FileRig rig = Rig(out int file);
        rig.Call(SyscallNr.Close, Out2);
        Assert.Equal(0, rig.Call(SyscallNr.Splice, In2, 0, (ulong)file, 0, 1));
        Assert.Equal(0, rig.Call(SyscallNr.Tee, In2, Out, 1));
        rig.Call(SyscallNr.Close, In);
        var splice = new SyscallRequest { Nr = SyscallNr.Splice, A0 = (ulong)file, A2 = Out, A4 = 1 };
        Assert.Equal(TrapAction.Exit, rig.Kernel.Trap(rig.Task, splice).Action);
        Assert.Equal(Signal.SigPipe, rig.Task.Group.ExitSignal);
    }

    [Fact]
    public void Splice_waits_for_the_first_bytes_alone()
    {
        using FileRig rig = Rig(out int file);
        var waiter = rig.Task;
        var writer = rig.Kernel.Fork(waiter);
        rig.Kernel.Kernel.Woken.Clear();
        var splice = new SyscallRequest { Nr = SyscallNr.Splice, A0 = In, A2 = (ulong)file, A4 = 1000 };
        Assert.Equal(TrapAction.Block, rig.Kernel.Trap(waiter, splice).Action);
        rig.Task = writer;
        rig.Write((int)Out, [7, 8, 9]);
        Assert.Equal([waiter], rig.Kernel.Kernel.Woken);
        rig.Task = waiter;
        Assert.Equal(3, rig.Call(SyscallNr.Splice, In, 0, (ulong)file, 0, 1000));
        Assert.Equal([7, 8, 9], rig.Pread(file, 3, 0));
    }

    [Fact]
    public void A_full_pipe_takes_of_sendfile_what_fits_and_no_more()
    {
        using FileRig rig = Rig(out int file);
        rig.Pwrite(file, FileRig.Bytes(9000), 60_000);
        Assert.Equal(65536, rig.Call(SyscallNr.Sendfile, Out, (ulong)file, 0, 1 << 20));
        Assert.Equal(65536, rig.Call(SyscallNr.Lseek, (ulong)file, 0, 1));
    }

    [Fact]
    public void A_file_that_is_copied_behind_itself_stands_where_the_reading_ended()
    {
        using FileRig rig = Rig(out int file);
        Assert.Equal(0, rig.Call(SyscallNr.Lseek, (ulong)file, 0, 0));
        Assert.Equal(4000, rig.Call(SyscallNr.Sendfile, (ulong)file, (ulong)file, 0, 4000));
        Assert.Equal(4000, rig.Call(SyscallNr.Lseek, (ulong)file, 0, 1));
    }

    [Theory]
    [InlineData("/proc/meminfo", true)]
    [InlineData("/proc/sys/vm/max_map_count", true)]
    [InlineData("/proc/self/maps", false)]
    [InlineData("/proc/swaps", false)]
    public void Texts_of_the_machine_are_spliced_and_those_of_processes_are_not(string path, bool isSpliced)
    {
        using FileRig rig = Rig(out int file);
        ulong text = (ulong)rig.Open(path, 0);
        long spliced = rig.Call(SyscallNr.Splice, text, 0, Out, 0, 4000, NonBlock);
        Assert.Equal(isSpliced, spliced > 0);
        Assert.True(isSpliced || spliced == -(long)Errno.EINVAL, $"{spliced}");
        Assert.Equal(-(long)Errno.EXDEV, rig.Call(SyscallNr.CopyFileRange, text, 0, (ulong)file, 0, 10));
    }

    [Fact]
    public void A_packet_is_read_alone_and_what_the_reader_has_no_room_for_is_lost()
    {
        const ulong direct = 0x4000;
        using var rig = new FileRig();
        Assert.Equal(0, rig.Call(SyscallNr.Pipe2, FileRig.Buffer, direct));
        rig.Write(4, FileRig.Bytes(10));
        rig.Write(4, FileRig.Bytes(20));
        Assert.Equal(FileRig.Bytes(10)[..4], rig.Read(3, 4));
        Assert.Equal(FileRig.Bytes(20), rig.Read(3, 100));
    }

    // A file of 9,000 bytes and two pipes.
    private static FileRig Rig(out int file)
    {
        var rig = new FileRig();
        file = rig.Open("file");
        rig.Pwrite(file, FileRig.Bytes(9000), 0);
        Assert.Equal(0, rig.Call(SyscallNr.Pipe2, FileRig.Buffer, 0));
        Assert.Equal(0, rig.Call(SyscallNr.Pipe2, FileRig.Buffer, 0));
        return rig;
    }
}
