using LinuxMem.Abi;
using LinuxMem.Mm.MemMaps;

namespace LinuxMem.Mm.Tests.Files;

/// <summary>Pipes refer to pages of memory and files: what they hold shows when it is read.</summary>
public sealed class LentPagesSpec
{
    private const ulong NonBlock = 2;
    private const ulong In = 4, Out = 5, In2 = 6, Out2 = 7; // descriptors: the file is 3
    private const ulong Place = FileRig.Buffer + (15 * 4096);
    private const ulong At = 0x6000_0000;

    [Fact]
    public void What_is_stored_behind_vmsplice_shows_in_the_pipe_even_when_the_memory_has_gone()
    {
        using FileRig rig = Rig(out _);
        Map(rig, ulong.MaxValue);
        rig.Poke(At, "first"u8.ToArray());
        Lend(rig, At, 5);
        rig.Poke(At, "later"u8.ToArray());
        Lend(rig, At + 1, 4);
        Assert.Single(rig.Kernel.Memory.Lent.References);
        rig.Poke(At, "after"u8.ToArray());
        Assert.Equal(0, rig.Call(SyscallNr.Munmap, At, 8192));
        Assert.Equal("after"u8.ToArray(), rig.Read((int)In, 5));
        Assert.Equal("fter"u8.ToArray(), rig.Read((int)In, 5));
        Assert.Empty(rig.Kernel.Memory.Lent.References);
    }

    [Fact]
    public void A_page_that_a_fork_shares_is_copied_by_who_stores_and_stays_as_it_is_in_the_pipe()
    {
        using FileRig rig = Rig(out _);
        Map(rig, ulong.MaxValue);
        rig.Poke(At, "mine!"u8.ToArray());
        var child = rig.Kernel.Fork(rig.Task);
        Lend(rig, At, 5);
        rig.Kernel.Trap(child, new SyscallRequest { Nr = SyscallNr.ExitGroup });
        rig.Poke(At, "later"u8.ToArray());
        Assert.Equal("mine!"u8.ToArray(), rig.Read((int)In, 5));
    }

    [Fact]
    public void A_page_of_zeros_in_a_pipe_stays_one_when_memory_is_written()
    {
        using FileRig rig = Rig(out _);
        Map(rig, ulong.MaxValue);
        Lend(rig, At, 5);
        rig.Poke(At, "later"u8.ToArray());
        Assert.Equal(new byte[5], rig.Read((int)In, 5));
    }

    [Fact]
    public void What_is_written_to_a_file_or_cut_off_it_behind_splice_shows_in_all_pipes_that_have_the_page()
    {
        using FileRig rig = Rig(out int file);
        rig.Pwrite(file, "abcdef"u8.ToArray(), 0);
        Assert.Equal(6, rig.Call(SyscallNr.Splice, (ulong)file, 0, Out, 0, 6));
        rig.Pwrite(file, "ABC"u8.ToArray(), 0);
        rig.Call(SyscallNr.Ftruncate, (ulong)file, 4);
        Assert.Equal(6, rig.Call(SyscallNr.Tee, In, Out2, 6));
        Assert.Equal("ABCd\0\0"u8.ToArray(), rig.Read((int)In, 6));
        // A page that the file gives up is the pipe's alone.
        rig.Call(SyscallNr.Ftruncate, (ulong)file, 0);
        rig.Pwrite(file, "new"u8.ToArray(), 0);
        Assert.Equal(FramePlace.Isolated, rig.Kernel.Memory.Map[LentPage(rig)].Place);
        Assert.Equal("ABCd\0\0"u8.ToArray(), rig.Read((int)In2, 6));
        Assert.Empty(rig.Kernel.Memory.Lent.References);
    }

    [Fact]
    public void Pages_that_go_from_pipe_to_pipe_in_part_are_given_back_once_for_each_that_had_them()
    {
        using FileRig rig = Rig(out int file);
        Assert.Equal(8192, rig.Call(SyscallNr.Splice, (ulong)file, 0, Out, 0, 8192));
        Assert.Equal(5000, rig.Call(SyscallNr.Splice, In, 0, Out2, 0, 5000));
        Assert.Equal([1, 2], rig.Kernel.Memory.Lent.References.Values.Order());
        Assert.Equal(FileRig.Bytes(8192)[..5000], rig.Read((int)In2, 8192));
        Assert.Equal([1], rig.Kernel.Memory.Lent.References.Values);
        Assert.Equal(FileRig.Bytes(8192)[5000..], rig.Read((int)In, 8192));
        Assert.Empty(rig.Kernel.Memory.Lent.References);
    }

    [Fact]
    public void A_pipe_that_everybody_has_closed_gives_its_pages_back()
    {
        using FileRig rig = Rig(out int file);
        rig.Call(SyscallNr.Splice, (ulong)file, 0, Out, 0, 100);
        rig.Call(SyscallNr.Close, Out);
        Assert.Single(rig.Kernel.Memory.Lent.References);
        rig.Call(SyscallNr.Close, In);
        Assert.Empty(rig.Kernel.Memory.Lent.References);
    }

    [Fact]
    public void A_memfd_is_not_sealed_against_writing_while_a_pipe_has_a_page_of_it()
    {
        const ulong addSeals = 1033, getSeals = 1034, write = 8;
        using FileRig rig = Rig(out _);
        ulong memfd = (ulong)rig.Call(SyscallNr.MemfdCreate, Place, 2,
            operands: new SyscallOperands { Path = "sealed" });
        rig.Pwrite((int)memfd, "hello"u8.ToArray(), 0);
        Assert.Equal((long)At, rig.Call(SyscallNr.Mmap, At, 8192, 1, 0x12, memfd));
        Lend(rig, At, 5);
        Assert.Equal(-(long)Errno.EBUSY, rig.Call(SyscallNr.Fcntl, memfd, addSeals, write));
        Assert.Equal(0, rig.Call(SyscallNr.Fcntl, memfd, getSeals));
        rig.Pwrite((int)memfd, "HELLO"u8.ToArray(), 0);
        Assert.Equal("HELLO"u8.ToArray(), rig.Read((int)In, 5));
        Assert.Equal(0, rig.Call(SyscallNr.Fcntl, memfd, addSeals, write));
        Assert.Equal((long)write, rig.Call(SyscallNr.Fcntl, memfd, getSeals));
    }

    [Fact]
    public void Whoever_drops_caches_leaves_pages_that_a_pipe_has()
    {
        using FileRig rig = Rig(out int file);
        rig.Call(SyscallNr.Fsync, (ulong)file);
        rig.Call(SyscallNr.Splice, (ulong)file, 0, Out, 0, 100);
        Assert.Equal(0, rig.Call(SyscallNr.Fadvise64, (ulong)file, 0, 0, 4));
        Assert.Equal(FramePlace.File, rig.Kernel.Memory.Map[LentPage(rig)].Place);
    }

    private static Arch.Addresses.Pfn LentPage(FileRig rig) => new(rig.Kernel.Memory.Lent.References.Keys.Single());

    private static void Map(FileRig rig, ulong fd) =>
        Assert.Equal((long)At, rig.Call(SyscallNr.Mmap, At, 8192, 3, 0x32, fd));

    private static void Lend(FileRig rig, ulong at, ulong count)
    {
        rig.Poke(Place, [.. BitConverter.GetBytes(at), .. BitConverter.GetBytes(count)]);
        Assert.Equal((long)count, rig.Call(SyscallNr.Vmsplice, Out, Place, 1, NonBlock));
    }

    private static FileRig Rig(out int file)
    {
        var rig = new FileRig();
        file = rig.Open("file");
        rig.Pwrite(file, FileRig.Bytes(9000), 0);
        Assert.Equal(0, rig.Call(SyscallNr.Pipe2, Place, 0));
        Assert.Equal(0, rig.Call(SyscallNr.Pipe2, Place, 0));
        return rig;
    }
}
