using LinuxMem.Abi;

namespace LinuxMem.Mm.Tests.Files;

/// <summary>Who may set the times of a file, and what a file system tells of itself.</summary>
public class FileTimesSpec
{
    private const ulong Now = 0x3fffffff, Omit = 0x3ffffffe, AtWorkingDirectory = unchecked((ulong)-100L);

    [Theory]
    [InlineData("/f", 0, 0, 0, Errno.None)]
    [InlineData("/f", 0, 1_000_000_000, 0, Errno.EINVAL)]
    [InlineData("/f", Now, Omit, 0, Errno.None)]
    [InlineData("/no", Omit, Omit, 0, Errno.None)] // nothing to do: the path is not looked at
    [InlineData("/no", 0, 1_000_000_000, 0, Errno.ENOENT)]
    [InlineData("/f", 0, 0, 2, Errno.EINVAL)]
    public void Times_are_checked_behind_the_path(string path, ulong access, ulong change, ulong flags, Errno error)
    {
        using var rig = new FileRig();
        rig.Open("/f");
        Assert.Equal(-(long)error, rig.Call(SyscallNr.Utimensat, AtWorkingDirectory, 0, 0, flags,
            operands: new SyscallOperands { Path = path, Words = [1, access, 1, change], BuffersUnknown = true }));
    }

    [Fact]
    public void Only_the_owner_sets_other_times_than_now()
    {
        using var rig = new FileRig();
        ulong fd = (ulong)rig.Open("/f");
        Assert.Equal(0, rig.Call(SyscallNr.Utimensat, fd, 0, 0, 0));
        Assert.Equal(-(long)Errno.EINVAL, rig.Call(SyscallNr.Utimensat, fd, 0, 0, 0x100));
        Assert.Equal(-(long)Errno.EBADF, rig.Call(SyscallNr.Utimensat, 77, 0, 0, 0));
        Assert.Equal(-(long)Errno.EFAULT, rig.Call(SyscallNr.Utimensat, fd, 0, 8, 0));
        Assert.Equal(-(long)Errno.EINVAL, rig.Call(SyscallNr.Utimes, operands: new SyscallOperands
        {
            Path = "/f",
            Words = [1, 1_000_000, 1, 0],
            BuffersUnknown = true,
        }));
        rig.Call(SyscallNr.Setuid, 1000);
        Assert.Equal(-(long)Errno.EACCES, rig.Call(SyscallNr.Utimensat, fd, 0, 0, 0));
        Assert.Equal(-(long)Errno.EPERM, rig.Call(SyscallNr.Utimensat, fd, 0, 0, 0,
            operands: new SyscallOperands { Words = [1, 1, 1, 1], BuffersUnknown = true }));
        Assert.Equal(-(long)Errno.EPERM, rig.Call(SyscallNr.Utime,
            operands: new SyscallOperands { Path = "/f", Words = [1, 1], BuffersUnknown = true }));
    }

    [Fact]
    public void A_file_system_tells_what_it_is()
    {
        using var rig = new FileRig();
        Assert.Equal(0xef53UL, KindOf((ulong)rig.Open("/f")));
        Assert.Equal(0x01021994UL, KindOf((ulong)rig.Call(
            SyscallNr.MemfdCreate, 0, 0, operands: new SyscallOperands { Path = "m" })));
        rig.Call(SyscallNr.Pipe, FileRig.Buffer);
        Assert.Equal(0x50495045UL, KindOf((ulong)BitConverter.ToInt32(rig.Peek(FileRig.Buffer, 4))));
        Assert.Equal(-(long)Errno.EBADF, rig.Call(SyscallNr.Fstatfs, 77, FileRig.Buffer));
        Assert.Equal(-(long)Errno.EFAULT, rig.Call(SyscallNr.Fstatfs, 0 + (ulong)rig.Open("/f"), 8));
        Assert.Equal(-(long)Errno.ENOENT, rig.Call(SyscallNr.Statfs, 0, FileRig.Buffer,
            operands: new SyscallOperands { Path = "/no", BuffersUnknown = true }));

        ulong KindOf(ulong fd)
        {
            Assert.Equal(0, rig.Call(SyscallNr.Fstatfs, fd, FileRig.Buffer + 4096));
            Assert.Equal(4096UL, BitConverter.ToUInt64(rig.Peek(FileRig.Buffer + 4104, 8)));
            return BitConverter.ToUInt64(rig.Peek(FileRig.Buffer + 4096, 8));
        }
    }
}
