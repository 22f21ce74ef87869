using LinuxMem.Abi;
using LinuxMem.Mm.Tests.Files;

namespace LinuxMem.Mm.Tests.Proc;

/// <summary>The links of /proc/PID lead to files themselves.</summary>
public sealed class ProcLinksSpec
{
    private const ulong Room = 200;

    [Fact]
    public void A_descriptor_is_opened_once_more_with_a_position_of_its_own()
    {
        using var rig = new FileRig();
        int file = rig.Open("/dir/file");
        rig.Write(file, FileRig.Bytes(10));
        Assert.Equal(0, rig.Call(SyscallNr.Unlink, operands: new SyscallOperands { Path = "/dir/file" }));
        int again = rig.Open($"/proc/self/fd/{file}", 0);
        Assert.Equal(FileRig.Bytes(10), rig.Read(again, 20));
        Assert.Equal(-(long)Errno.EBADF, rig.Write(again, [1]));
        int other = rig.Open($"/proc/{rig.Task.Group.Pid}/fd/{file}", FileRig.ReadWrite);
        rig.Write(other, [9]);
        Assert.Equal([9], rig.Pread(file, 1, 0));
        Assert.Equal(-(long)Errno.ENOENT, rig.Open("/proc/self/fd/77", 0));
        Assert.Equal(-(long)Errno.ENOENT, rig.Open("/proc/self/fd/x", 0));
    }

    [Fact]
    public void Links_tell_where_they_lead()
    {
        using var rig = new FileRig();
        int file = rig.Open("/dir/file");
        Assert.Equal("/dir/file", Readlink(rig, $"/proc/self/fd/{file}"));
        Assert.Equal("/dir/file", Readlink(rig, $"/dev/fd/{file}"));
        rig.Call(SyscallNr.Unlink, operands: new SyscallOperands { Path = "/dir/file" });
        Assert.Equal("/dir/file (deleted)", Readlink(rig, $"/proc/thread-self/fd/{file}"));
        Assert.Equal("/", Readlink(rig, "/proc/self/root"));
        rig.Call(SyscallNr.MemfdCreate, 0, 0, operands: new SyscallOperands { Path = "m" });
        Assert.Equal("/memfd:m (deleted)", Readlink(rig, "/proc/self/fd/4"));
    }

    [Fact]
    public void A_path_goes_on_behind_the_working_directory()
    {
        using var rig = new FileRig();
        rig.Call(SyscallNr.Mkdir, 0, 0x1ff, operands: new SyscallOperands { Path = "/here" });
        rig.Call(SyscallNr.Chdir, operands: new SyscallOperands { Path = "/here" });
        Assert.Equal("/here", Readlink(rig, "/proc/self/cwd"));
        int file = rig.Open("/proc/self/cwd/made");
        rig.Write(file, [7]);
        Assert.Equal([7], rig.Pread(rig.Open("/here/made", 0), 5, 0));
    }

    [Fact]
    public void Descriptors_are_counted_before_the_path_is_looked_at()
    {
        using var rig = new FileRig();
        rig.Task.Files.Limit = 3;
        Assert.Equal(-(long)Errno.EMFILE, rig.Open("/nothing/there", 0));
    }

    [Fact]
    public void A_score_is_lowered_by_nobody_without_the_right()
    {
        using var rig = new FileRig();
        int file = rig.Open("/proc/self/oom_score_adj", FileRig.ReadWrite);
        Assert.Equal(-(long)Errno.EACCES, rig.Write(file, "-5"u8.ToArray()));
        Assert.Equal(-(long)Errno.EINVAL, rig.Write(file, "1001"u8.ToArray()));
        Assert.Equal(-(long)Errno.EINVAL, rig.Write(file, "x"u8.ToArray()));
        Assert.Equal(4, rig.Write(file, "700\n"u8.ToArray()));
        Assert.Equal(700, rig.Task.Group.OomScoreAdj);
        Assert.Equal(1, rig.Write(file, "5"u8.ToArray()));
        Assert.Equal(5, rig.Kernel.Fork(rig.Task).Group.OomScoreAdj);
    }

    private static string Readlink(FileRig rig, string path)
    {
        var link = new SyscallOperands { Path = path };
        long length = rig.Call(SyscallNr.Readlink, 0, FileRig.Buffer, Room, operands: link);
        Assert.True(length > 0, $"readlink fails with {length}");
        return System.Text.Encoding.UTF8.GetString(rig.Peek(FileRig.Buffer, (int)length));
    }
}
