using LinuxMem.Abi;
using LinuxMem.Mm.Tests.Files;
using LinuxMem.Simulation.Faults;

namespace LinuxMem.Mm.Tests.Injection;

/// <summary>F03: copies from and to the memory of processes fail.</summary>
public class UsercopyFaultSpec
{
    [Fact]
    public void Reading_and_writing_give_EFAULT_and_change_neither_file_nor_position()
    {
        using var rig = new FileRig();
        int fd = rig.Open("f");
        byte[] text = FileRig.Bytes(100);
        rig.Poke(FileRig.Buffer, text);
        rig.Kernel.Fail(FaultSite.CopyFromUser);
        Assert.Equal(-(long)Errno.EFAULT, rig.Call(SyscallNr.Write, (ulong)fd, FileRig.Buffer, 100));
        Assert.Equal(0, rig.Call(SyscallNr.Lseek, (ulong)fd, 0, 2));
        Assert.Equal(100, rig.Write(fd, text));
        rig.Call(SyscallNr.Lseek, (ulong)fd, 0, 0);
        rig.Kernel.Fail(FaultSite.CopyToUser);
        Assert.Equal(-(long)Errno.EFAULT, rig.Call(SyscallNr.Read, (ulong)fd, FileRig.Buffer, 100));
        Assert.Equal(0, rig.Call(SyscallNr.Lseek, (ulong)fd, 0, 1));
        Assert.Equal(text, rig.Read(fd, 100));
    }

    [Fact]
    public void A_copy_of_several_pages_ends_short_at_the_one_that_fails()
    {
        using var rig = new FileRig();
        int fd = rig.Open("f");
        byte[] text = FileRig.Bytes(10_000);
        rig.Poke(FileRig.Buffer, text);
        rig.Kernel.Fail(FaultSite.CopyFromUser, after: 1);
        long written = rig.Call(SyscallNr.Pwrite64, (ulong)fd, FileRig.Buffer, 10_000, 0);
        Assert.Equal(4096, written);
        Assert.Equal(text[..4096], rig.Pread(fd, 10_000, 0));
    }
}
