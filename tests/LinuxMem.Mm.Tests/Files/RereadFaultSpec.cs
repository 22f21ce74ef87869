using LinuxMem.Abi;
using LinuxMem.Mm.Tasks;

namespace LinuxMem.Mm.Tests.Files;

/// <summary>
/// Faults that are tried again because a cached page has to be read, or asks for the next window of readahead.
/// </summary>
public sealed class RereadFaultSpec
{
    private const ulong At = 0x5000_0000;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_hole_whose_edge_was_zeroed_is_cached_but_not_read(bool byKernel)
    {
        using var rig = new FileRig();
        int fd = rig.Open("f");
        rig.Pwrite(fd, FileRig.Bytes(4096), 0);
        rig.Call(SyscallNr.Ftruncate, (ulong)fd, 8192 + 100);
        rig.Pwrite(fd, FileRig.Bytes(10), (4 * 4096) + 50);
        rig.Map(fd, At, 5, MapFlags.Private);
        Assert.Equal([1, 0, 0, 0, 1], Mincore(rig, At, 5));

        (long minor, long major) = (rig.MinFlt, rig.MajFlt);
        Store(rig, At + 8192, byKernel);
        Assert.Equal(byKernel ? (0, 1) : (1, 0), (rig.MinFlt - minor, rig.MajFlt - major));

        // Page 2 was there: nothing was read along, so the other holes are still missing.
        Assert.Equal([1, 0, 1, 0, 1], Mincore(rig, At, 5));
        Store(rig, At + (3 * 4096), byKernel: false);
        Assert.Equal(1, rig.MajFlt - major - (byKernel ? 1 : 0));
        Assert.Equal([1, 1, 1, 1, 1], Mincore(rig, At, 5));
    }

    [Fact]
    public void Truncating_to_the_same_size_caches_the_edge_of_a_hole_too()
    {
        using var rig = new FileRig();
        int fd = rig.Open("f");
        rig.Call(SyscallNr.Ftruncate, (ulong)fd, 100);
        Assert.Equal(0, rig.Kernel.Cache.PageCount);
        rig.Call(SyscallNr.Ftruncate, (ulong)fd, 100);
        rig.Map(fd, At, 1, MapFlags.Shared);
        Assert.Equal([0], Mincore(rig, At, 1));
        Assert.Equal(1, rig.Kernel.Cache.PageCount);
        Assert.Equal(new byte[100], rig.Pread(fd, 200, 0));
        Assert.Equal([1], Mincore(rig, At, 1));
    }

    [Fact]
    public void Reserved_pages_of_shared_memory_are_not_resident_yet()
    {
        using var rig = new FileRig();
        int fd = (int)rig.Call(SyscallNr.MemfdCreate, operands: new SyscallOperands { Path = "m" });
        rig.Call(SyscallNr.Fallocate, (ulong)fd, 0, 0, 2 * 4096);
        rig.Map(fd, At, 2, MapFlags.Shared);
        Assert.Equal([0, 0], Mincore(rig, At, 2));
        Store(rig, At, byKernel: true);
        Assert.Equal([1, 0], Mincore(rig, At, 2));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_fault_on_the_page_that_readahead_marked_is_tried_again(bool byKernel)
    {
        using var rig = new FileRig();
        int fd = rig.Open("f");
        rig.Call(SyscallNr.Ftruncate, (ulong)fd, 8 * 4096);
        rig.Pread(fd, 10, 0); // four pages are read, the second one is marked
        rig.Map(fd, At, 8, MapFlags.Private);
        Assert.Equal([1, 1, 1, 1, 0, 0, 0, 0], Mincore(rig, At, 8));
        (long minor, long major) = (rig.MinFlt, rig.MajFlt);
        Store(rig, At + 4096, byKernel);
        Assert.Equal(byKernel ? (0, 1) : (1, 0), (rig.MinFlt - minor, rig.MajFlt - major));
        Assert.Equal([1, 1, 1, 1, 1, 1, 1, 1], Mincore(rig, At, 8));
    }

    [Fact]
    public void A_mapping_of_code_reads_from_the_missed_page_to_its_own_end()
    {
        using var rig = new FileRig();
        int fd = rig.Open("f");
        rig.Call(SyscallNr.Ftruncate, (ulong)fd, 12 * 4096);
        rig.Map(fd, At, 6, MapFlags.Private, ProtFlags.Read | ProtFlags.Exec, offset: 2 * 4096);
        Assert.True(rig.Kernel.Access(rig.Task, At + (2 * 4096), AccessKind.Execute));
        rig.Map(fd, At + (16 * 4096), 12, MapFlags.Shared);
        Assert.Equal([0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0], Mincore(rig, At + (16 * 4096), 12));
    }

    [Fact]
    public void Needed_mappings_of_files_are_read_ahead()
    {
        using var rig = new FileRig();
        int fd = rig.Open("f");
        rig.Call(SyscallNr.Ftruncate, (ulong)fd, 10 * 4096);
        rig.Map(fd, At, 4, MapFlags.Shared, offset: 3 * 4096);
        rig.Map(fd, At + (8 * 4096), 10, MapFlags.Shared);
        Assert.Equal(-(long)Errno.ENOMEM, rig.Call(SyscallNr.Madvise, At + 4096, 4 * 4096, 3));
        Assert.Equal([0, 0, 0, 0, 1, 1, 1, 0, 0, 0], Mincore(rig, At + (8 * 4096), 10));
        Assert.Equal(-(long)Errno.EINVAL, rig.Call(SyscallNr.Madvise, At + 1, 4096, 3));
        Assert.Equal((0, 0), (rig.Task.Mm.RssFile, rig.MajFlt));
    }

    [Theory]
    [InlineData(0UL, 4)]
    [InlineData(1UL, 1)]
    [InlineData(2UL, 4)]
    public void Advice_on_a_file_decides_what_reads_bring_along(ulong advice, int pages)
    {
        using var rig = new FileRig();
        int fd = rig.Open("f");
        rig.Call(SyscallNr.Ftruncate, (ulong)fd, 100 * 4096);
        Assert.Equal(0, rig.Call(SyscallNr.Fadvise64, (ulong)fd, 0, 0, advice));
        rig.Pread(fd, 10, 0);
        Assert.Equal(pages, rig.Kernel.Cache.PageCount);
        rig.Map(fd, At, 100, MapFlags.Shared);
        rig.Peek(At + (50 * 4096), 1);
        int around = advice == 2 ? 64 : 32;
        Assert.Equal(around, Mincore(rig, At + (10 * 4096), 90).Count(page => page != 0));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_page_that_others_read_becomes_its_owners_again(bool childLives)
    {
        using var rig = new FileRig();
        rig.Poke(FileRig.Buffer, [1]);
        TaskStruct parent = rig.Task;
        TaskStruct child = rig.Kernel.Fork(parent);
        if (!childLives)
        {
            rig.Task = child;
            rig.Kernel.Trap(child, new SyscallRequest { Nr = SyscallNr.ExitGroup });
            rig.Task = parent;
        }

        long minor = rig.MinFlt;
        var operands = new SyscallOperands
        {
            Vectors = [new IoVec(FileRig.Buffer + 4096, 1)],
            RemoteVectors = [new IoVec(FileRig.Buffer, 1)],
        };
        Assert.Equal(1, rig.Call(SyscallNr.ProcessVmReadv, (ulong)parent.Tid, FileRig.Buffer + 8192, 1,
            FileRig.Buffer + 8200, 1, operands: operands));
        Assert.Equal(3, rig.MinFlt - minor); // the vectors, the page that is read, the page that is written

        // The entry stays as it was; a change of rights finds that the page is nobody else's.
        rig.Call(SyscallNr.Mprotect, FileRig.Buffer, 4096, (ulong)ProtFlags.Read);
        rig.Call(SyscallNr.Mprotect, FileRig.Buffer, 4096, (ulong)(ProtFlags.Read | ProtFlags.Write));
        minor = rig.MinFlt;
        rig.Poke(FileRig.Buffer, [2]);
        Assert.Equal(0, rig.MinFlt - minor);
        rig.Task = childLives ? child : parent;
        Assert.Equal([childLives ? (byte)1 : (byte)2], rig.Peek(FileRig.Buffer, 1));
    }

    private static void Store(FileRig rig, ulong va, bool byKernel)
    {
        if (byKernel)
            Assert.Equal(1, rig.Call(SyscallNr.Pread64, (ulong)Source(rig), va, 1));
        else
            Assert.True(rig.Kernel.Access(rig.Task, va, AccessKind.Write));
    }

    // A file whose first page is cached: reading it faults only on the target.
    private static int Source(FileRig rig)
    {
        int fd = rig.Open("source");
        rig.Pwrite(fd, FileRig.Bytes(4), 0);
        return fd;
    }

    private static byte[] Mincore(FileRig rig, ulong va, ulong pages)
    {
        Assert.Equal(0, rig.Call(SyscallNr.Mincore, va, pages * 4096, FileRig.Buffer));
        return rig.Peek(FileRig.Buffer, (int)pages);
    }
}
