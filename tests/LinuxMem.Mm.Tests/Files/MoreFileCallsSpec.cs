using LinuxMem.Abi;
using LinuxMem.Arch.Memory;
using LinuxMem.Mm.Fault;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Tests.Support;
using LinuxMem.Mm.Tlb;

namespace LinuxMem.Mm.Tests.Files;

public class MoreFileCallsSpec
{
    private const ulong At = 0x2000_0000;

    [Fact]
    public void A_punched_hole_is_zeros_for_the_file_and_leaves_private_copies()
    {
        using var rig = new FileRig();
        int fd = rig.Open("f");
        rig.Pwrite(fd, FileRig.Bytes(16384), 0);
        rig.Map(fd, At, 4, MapFlags.Private);
        rig.Poke(At + 4096, [99]);
        Assert.Equal(0, rig.Call(SyscallNr.Fallocate, (ulong)fd, 3, 100, 12288));
        Assert.Equal(16384, rig.Call(SyscallNr.Lseek, (ulong)fd, 0, 2));
        Assert.Equal(FileRig.Bytes(16384)[..100], rig.Pread(fd, 100, 0));
        Assert.Equal(new byte[12288], rig.Pread(fd, 12288, 100));
        Assert.Equal(99, rig.Peek(At + 4096, 1)[0]);
        Assert.Equal(new byte[10], rig.Peek(At + 8192, 10));
    }

    [Fact]
    public void Holes_of_shared_memory_are_where_it_has_no_page()
    {
        const ulong data = 3, hole = 4;
        using var rig = new FileRig();
        ulong fd = (ulong)rig.Call(
            SyscallNr.MemfdCreate, 0, 0, operands: new SyscallOperands { Path = "m" });
        rig.Call(SyscallNr.Ftruncate, fd, 200 * 4096);
        rig.Pwrite((int)fd, [1], 5 * 4096);
        rig.Pwrite((int)fd, [1], 6 * 4096);
        rig.Pwrite((int)fd, [1], 150 * 4096);
        Assert.Equal(5 * 4096, rig.Call(SyscallNr.Lseek, fd, 0, data));
        Assert.Equal((5 * 4096) + 7, rig.Call(SyscallNr.Lseek, fd, (5 * 4096) + 7, data));
        Assert.Equal(7 * 4096, rig.Call(SyscallNr.Lseek, fd, 5 * 4096, hole));
        Assert.Equal(100, rig.Call(SyscallNr.Lseek, fd, 100, hole));
        Assert.Equal(150 * 4096, rig.Call(SyscallNr.Lseek, fd, 7 * 4096, data));
        Assert.Equal(-(long)Errno.ENXIO, rig.Call(SyscallNr.Lseek, fd, 151 * 4096, data));
        Assert.Equal(-(long)Errno.ENXIO, rig.Call(SyscallNr.Lseek, fd, 200 * 4096, hole));
    }

    [Fact]
    public void Holes_of_a_file_are_where_it_has_no_block_that_was_written()
    {
        const ulong data = 3, hole = 4, keepSize = 1;
        using var rig = new FileRig(contents: ContentMode.None);
        ulong fd = (ulong)rig.Open("f");
        rig.Call(SyscallNr.Ftruncate, fd, 200 * 4096);
        Assert.Equal(-(long)Errno.ENXIO, rig.Call(SyscallNr.Lseek, fd, 0, data));
        rig.Call(SyscallNr.Pwrite64, fd, FileRig.Buffer, 1, 5 * 4096);
        rig.Call(SyscallNr.Fallocate, fd, keepSize, 6 * 4096, 4 * 4096);
        rig.Map((int)fd, At, 1, MapFlags.Shared, offset: 100 * 4096);
        Assert.Equal(5 * 4096, rig.Call(SyscallNr.Lseek, fd, 0, data));
        Assert.Equal(6 * 4096, rig.Call(SyscallNr.Lseek, fd, 5 * 4096, hole));
        Assert.Equal(-(long)Errno.ENXIO, rig.Call(SyscallNr.Lseek, fd, 6 * 4096, data));
        Assert.True(rig.Kernel.Access(rig.Task, At, AccessKind.Write));
        Assert.Equal(100 * 4096, rig.Call(SyscallNr.Lseek, fd, 6 * 4096, data));
        // What was read of a block that is not written counts.
        rig.Call(SyscallNr.Pread64, fd, FileRig.Buffer, 4096, 8 * 4096);
        Assert.Equal(8 * 4096, rig.Call(SyscallNr.Lseek, fd, 8 * 4096, data));
        rig.Call(SyscallNr.Fallocate, fd, 3, 0, 200 * 4096);
        Assert.Equal(-(long)Errno.ENXIO, rig.Call(SyscallNr.Lseek, fd, 0, data));
        Assert.Equal(0, rig.Call(SyscallNr.Lseek, fd, 0, hole));
    }

    [Fact]
    public void Shared_memory_that_was_only_reserved_is_a_hole_until_it_is_reserved_once_more()
    {
        const ulong data = 3;
        using var rig = new FileRig();
        ulong fd = (ulong)rig.Call(
            SyscallNr.MemfdCreate, 0, 0, operands: new SyscallOperands { Path = "m" });
        rig.Call(SyscallNr.Fallocate, fd, 0, 0, 8192);
        Assert.Equal(-(long)Errno.ENXIO, rig.Call(SyscallNr.Lseek, fd, 0, data));
        rig.Call(SyscallNr.Fallocate, fd, 0, 4096, 8192);
        Assert.Equal(4096, rig.Call(SyscallNr.Lseek, fd, 0, data));
    }

    [Theory]
    [InlineData(0, 0, 10, Errno.None, 10)]
    [InlineData(1, 0, 10, Errno.None, 0)]
    [InlineData(0x10, 0, 10, Errno.None, 10)]
    [InlineData(2, 0, 10, Errno.EOPNOTSUPP, 0)] // a hole needs KEEP_SIZE
    [InlineData(0x40, 0, 10, Errno.EOPNOTSUPP, 0)]
    [InlineData(0, 0, 0, Errno.EINVAL, 0)]
    [InlineData(8, 0, 4096, Errno.EINVAL, 0)] // nothing would be left
    [InlineData(0, 0, long.MaxValue, Errno.EFBIG, 0)]
    public void Fallocate_changes_the_size_or_refuses(ulong mode, ulong offset, ulong length, Errno error, long size)
    {
        using var rig = new FileRig();
        int fd = rig.Open("f");
        Assert.Equal(-(long)error, rig.Call(SyscallNr.Fallocate, (ulong)fd, mode, offset, length));
        Assert.Equal(size, rig.Call(SyscallNr.Lseek, (ulong)fd, 0, 2));
    }

    [Fact]
    public void A_range_taken_out_of_a_file_moves_what_lies_behind()
    {
        using var rig = new FileRig();
        int fd = rig.Open("f");
        byte[] all = FileRig.Bytes(12300);
        rig.Pwrite(fd, all, 0);
        Assert.Equal(0, rig.Call(SyscallNr.Fallocate, (ulong)fd, 8, 4096, 4096));
        Assert.Equal([.. all[..4096], .. all[8192..]], rig.Pread(fd, 20000, 0));
        Assert.Equal(0, rig.Call(SyscallNr.Fallocate, (ulong)fd, 0x20, 4096, 4096));
        Assert.Equal([.. all[..4096], .. new byte[4096], .. all[8192..]], rig.Pread(fd, 20000, 0));
    }

    [Fact]
    public void A_page_that_was_written_out_is_written_to_with_a_fault()
    {
        using var rig = new FileRig();
        int fd = rig.Open("f");
        rig.Pwrite(fd, FileRig.Bytes(4096), 0);
        rig.Map(fd, At, 1, MapFlags.Shared);
        Assert.Equal(FaultKind.FileSharedWrite, rig.Kernel.Fault(rig.Task, At, AccessKind.Write));
        Assert.Equal(1, rig.Kernel.Memory.Stat[Stats.VmEvent.NrDirty]);
        Assert.Equal(0, rig.Call(SyscallNr.Fsync, (ulong)fd));
        Assert.Equal(0, rig.Kernel.Memory.Stat[Stats.VmEvent.NrDirty]);
        Assert.Equal(FaultKind.SharedWriteNotify, rig.Kernel.Fault(rig.Task, At, AccessKind.Write));
    }

    [Fact]
    public void A_page_to_which_a_processor_may_store_yet_stays_dirty_whoever_protected_it()
    {
        using var rig = new FileRig(kernel: new KernelRig(cpus: 2));
        TlbCoherence coherence = rig.Kernel.Memory.Coherence;
        int fd = rig.Open("f");
        rig.Map(fd, At, 1, MapFlags.Shared);
        rig.Pwrite(fd, FileRig.Bytes(4096), 0);
        TaskStruct child = rig.Kernel.Fork(rig.Task);
        Assert.Equal(FaultKind.FileSharedWrite, rig.Kernel.Fault(rig.Task, At, AccessKind.Write));
        coherence.SwitchTo(0, rig.Task.Mm, 0);
        coherence[0].Busy = true;
        coherence.DelayOf = _ => 50_000;
        var fsync = new SyscallRequest { Nr = SyscallNr.Fsync, A0 = (ulong)fd };
        rig.Kernel.Trap(child, fsync, cpu: 1);
        rig.Kernel.Trap(rig.Task, fsync, cpu: 0);
        Assert.Equal(1, rig.Kernel.Memory.Stat[Stats.VmEvent.NrDirty]);
        rig.Kernel.Pass(100_000);
        rig.Kernel.Trap(rig.Task, fsync, cpu: 0);
        Assert.Equal(0, rig.Kernel.Memory.Stat[Stats.VmEvent.NrDirty]);
    }

    [Fact]
    public void Pages_that_were_written_out_and_dropped_come_back_from_the_disk()
    {
        using var rig = new FileRig();
        int fd = rig.Open("f");
        byte[] all = FileRig.Bytes(20000);
        rig.Pwrite(fd, all, 0);
        Assert.Equal(0, rig.Call(SyscallNr.Fadvise64, (ulong)fd, 0, 0, 4));
        Assert.Equal(0, rig.Kernel.Cache.PageCount);
        Assert.Equal(all, rig.Pread(fd, 20000, 0));
        Assert.Equal(5, rig.Kernel.Cache.PageCount);
    }

    [Fact]
    public void A_read_in_order_brings_the_next_pages_along()
    {
        using var rig = new FileRig();
        int fd = rig.Open("f");
        rig.Call(SyscallNr.Ftruncate, (ulong)fd, 100 * 4096);
        rig.Pread(fd, 4096, 0);
        Assert.Equal(4, rig.Kernel.Cache.PageCount); // get_init_ra_size(1) is 4
        rig.Pread(fd, 4096, 4096); // the mark: 3 of them were ahead of need
        Assert.Equal(12, rig.Kernel.Cache.PageCount);
        rig.Pread(fd, 4096, 60 * 4096); // at random: as asked
        Assert.Equal(13, rig.Kernel.Cache.PageCount);
    }

    [Fact]
    public void A_memfd_can_be_sealed_against_writing_but_not_while_it_is_mapped_for_it()
    {
        using var rig = new FileRig();
        var name = new SyscallOperands { Path = "m" };
        int fd = (int)rig.Call(SyscallNr.MemfdCreate, 0, 2, operands: name);
        Assert.Equal(0, rig.Call(SyscallNr.Ftruncate, (ulong)fd, 8192));
        rig.Map(fd, At, 2, MapFlags.Shared);
        Assert.Equal(-(long)Errno.EBUSY, rig.Call(SyscallNr.Fcntl, (ulong)fd, 1033, 8));
        rig.Call(SyscallNr.Munmap, At, 8192);
        Assert.Equal(0, rig.Call(SyscallNr.Fcntl, (ulong)fd, 1033, 8 | 2));
        Assert.Equal(10, rig.Call(SyscallNr.Fcntl, (ulong)fd, 1034));
        Assert.Equal(-(long)Errno.EPERM, rig.Call(SyscallNr.Pwrite64, (ulong)fd, FileRig.Buffer, 5, 0));
        Assert.Equal(-(long)Errno.EPERM, rig.Call(SyscallNr.Ftruncate, (ulong)fd, 4096));
        Assert.Equal(-(long)Errno.EPERM, rig.Map(fd, At, 2, MapFlags.Shared));
        Assert.Equal((long)At, rig.Map(fd, At, 2, MapFlags.Private));
        Assert.Equal(1, rig.Call(SyscallNr.Fcntl, (ulong)rig.Call(SyscallNr.MemfdCreate, 0, 0, operands: name), 1034));
    }

    [Fact]
    public void A_hole_of_shared_memory_gets_a_page_when_a_mapping_reads_it()
    {
        using var rig = new FileRig();
        int fd = (int)rig.Call(SyscallNr.MemfdCreate, operands: new SyscallOperands { Path = "m" });
        rig.Call(SyscallNr.Ftruncate, (ulong)fd, 4 * 4096);
        Assert.Equal(new byte[4], rig.Pread(fd, 4, 0));
        Assert.Equal(0, rig.Kernel.Cache.PageCount);
        rig.Map(fd, At, 4, MapFlags.Shared);
        rig.Peek(At, 1);
        Assert.Equal((1L, 1L, 0L), (rig.Kernel.Cache.PageCount, rig.Task.Mm.RssShmem, rig.MajFlt));
        Assert.Equal(-(long)Errno.EFAULT, rig.Call(SyscallNr.Pwrite64, (ulong)fd, At + (4 * 4096), 1, 0));
    }

    [Fact]
    public void Bytes_go_from_file_to_file_and_into_pipes()
    {
        using var rig = new FileRig();
        int from = rig.Open("a");
        int to = rig.Open("b");
        byte[] all = FileRig.Bytes(9000);
        rig.Pwrite(from, all, 0);
        Assert.Equal(8000, rig.Call(SyscallNr.Sendfile, (ulong)to, (ulong)from, 0, 8000));
        Assert.Equal(1000, rig.Call(SyscallNr.CopyFileRange, (ulong)from, 0, (ulong)to, 0, 5000, 0));
        Assert.Equal(all, rig.Pread(to, 10000, 0));
        rig.Call(SyscallNr.Pipe2, FileRig.Buffer, 0);
        rig.Call(SyscallNr.Lseek, (ulong)from, 0, 0);
        Assert.Equal(100, rig.Call(SyscallNr.Sendfile, 6, (ulong)from, 0, 100));
        Assert.Equal(all[..100], rig.Read(5, 1000));
    }

    [Fact]
    public void Whose_file_it_is_not_has_the_time_of_reading_it_kept()
    {
        const ulong getFlags = 3, setFlags = 4, noTime = 0x40000, append = 0x400, large = 0x8000;
        using var rig = new FileRig();
        ulong fd = (ulong)rig.Open("f");
        Assert.Equal(0, rig.Call(SyscallNr.Fcntl, fd, setFlags, append | noTime));
        Assert.Equal((long)(large | append | noTime | FileRig.ReadWrite), rig.Call(SyscallNr.Fcntl, fd, getFlags));
        Assert.Equal(0, rig.Call(SyscallNr.Fcntl, fd, setFlags, 0));
        rig.Task.Credentials = Credentials.Of(1000);
        Assert.Equal(-(long)Errno.EPERM, rig.Call(SyscallNr.Fcntl, fd, setFlags, noTime));
    }

    [Fact]
    public void Names_go_and_come_and_the_file_stays()
    {
        using var rig = new FileRig();
        int fd = rig.Open("a");
        rig.Pwrite(fd, FileRig.Bytes(10), 0);
        var names = new SyscallOperands { Path = "a", Path2 = "b" };
        Assert.Equal(0, rig.Call(SyscallNr.Rename, operands: names));
        Assert.Equal(-(long)Errno.ENOENT, rig.Open("a", 0));
        Assert.Equal(FileRig.Bytes(10), rig.Pread(rig.Open("b", 0), 20, 0));
        Assert.Equal(0, rig.Call(SyscallNr.Unlink, operands: new SyscallOperands { Path = "b" }));
        Assert.Equal(-(long)Errno.ENOENT, rig.Call(SyscallNr.Unlink, operands: names));
        Assert.Equal(FileRig.Bytes(10), rig.Pread(fd, 20, 0));
        Assert.Empty(rig.Pread(rig.Open("b"), 20, 0));
    }

    [Fact]
    public void A_log_without_addresses_moves_bytes_without_touching_memory()
    {
        using var rig = new FileRig();
        int fd = rig.Open("f");
        var write = new SyscallOperands { BuffersUnknown = true, Outgoing = FileRig.Bytes(10) };
        Assert.Equal(20, rig.Call(SyscallNr.Write, (ulong)fd, 0, 20, operands: write));
        var read = new SyscallOperands { BuffersUnknown = true, WantsCopied = true };
        Assert.Equal(20, rig.Call(SyscallNr.Pread64, (ulong)fd, 0, 30, 0, operands: read));
        Assert.Equal([.. FileRig.Bytes(10), .. new byte[10]], read.Copied);
    }

    [Fact]
    public void Vectors_are_filled_in_order()
    {
        using var rig = new FileRig();
        int fd = rig.Open("f");
        rig.Pwrite(fd, FileRig.Bytes(100), 0);
        ulong a = FileRig.Buffer + 100;
        ulong b = FileRig.Buffer + 8192;
        var iov = new byte[32];
        BitConverter.TryWriteBytes(iov.AsSpan(0), a);
        BitConverter.TryWriteBytes(iov.AsSpan(8), 30UL);
        BitConverter.TryWriteBytes(iov.AsSpan(16), b);
        BitConverter.TryWriteBytes(iov.AsSpan(24), 200UL);
        rig.Poke(FileRig.Buffer, iov);
        Assert.Equal(100, rig.Call(SyscallNr.Readv, (ulong)fd, FileRig.Buffer, 2));
        Assert.Equal(FileRig.Bytes(100)[..30], rig.Peek(a, 30));
        Assert.Equal(FileRig.Bytes(100)[30..], rig.Peek(b, 70));
        Assert.Equal(-(long)Errno.EINVAL, rig.Call(SyscallNr.Readv, (ulong)fd, FileRig.Buffer, 1025));
        Assert.Equal(-(long)Errno.EFAULT, rig.Call(SyscallNr.Readv, (ulong)fd, 0x1000, 2));
    }
}
