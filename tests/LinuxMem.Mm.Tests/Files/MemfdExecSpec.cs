using LinuxMem.Abi;
using LinuxMem.Mm.Vfs;

namespace LinuxMem.Mm.Tests.Files;

/// <summary>Whether memfds may be executed: MFD_EXEC, MFD_NOEXEC_SEAL, F_SEAL_EXEC and vm.memfd_noexec.</summary>
public sealed class MemfdExecSpec
{
    private const ulong AllowSealing = 2, NoExecSeal = 8, Exec = 16;
    private const ulong AddSeals = 1033, GetSeals = 1034;
    private const ulong All = (ulong)(FileSeals.Shrink | FileSeals.Grow | FileSeals.Write | FileSeals.FutureWrite);
    private const string Setting = "/proc/sys/vm/memfd_noexec";

    [Fact]
    public void A_memfd_says_whether_it_may_be_executed()
    {
        using var rig = new FileRig();
        ulong plain = Memfd(rig, 0), sealing = Memfd(rig, AllowSealing), executable = Memfd(rig, Exec | AllowSealing);
        ulong not = Memfd(rig, NoExecSeal);
        Assert.Equal((long)FileSeals.Seal, rig.Call(SyscallNr.Fcntl, plain, GetSeals));
        Assert.Equal(0, rig.Call(SyscallNr.Fcntl, sealing, GetSeals));
        Assert.Equal(0, rig.Call(SyscallNr.Fcntl, executable, GetSeals));
        Assert.Equal((long)FileSeals.Exec, rig.Call(SyscallNr.Fcntl, not, GetSeals));
        Assert.Equal(-(long)Errno.EINVAL, (long)Memfd(rig, Exec | NoExecSeal));
    }

    [Fact]
    public void A_sealed_mode_keeps_its_x_bits_and_changes_in_others()
    {
        using var rig = new FileRig();
        ulong not = Memfd(rig, NoExecSeal);
        Assert.Equal(-(long)Errno.EPERM, rig.Call(SyscallNr.Fchmod, not, 0x1ff));
        Assert.Equal(0, rig.Call(SyscallNr.Fchmod, not, 0x180));
        ulong executable = Memfd(rig, Exec | AllowSealing);
        Assert.Equal(0, rig.Call(SyscallNr.Fchmod, executable, 0x1b6));
        Assert.Equal(0, rig.Call(SyscallNr.Fchmod, executable, 0x1ff));
        Assert.Equal(0, rig.Call(SyscallNr.Fcntl, executable, AddSeals, (ulong)FileSeals.Exec));
        Assert.Equal(-(long)Errno.EPERM, rig.Call(SyscallNr.Fchmod, executable, 0x1b6));
        Assert.Equal((long)(All | (ulong)FileSeals.Exec), rig.Call(SyscallNr.Fcntl, executable, GetSeals));
    }

    [Fact]
    public void The_setting_decides_for_who_does_not_and_refuses_at_last()
    {
        using var rig = new FileRig();
        Write(rig, "1", 1);
        Assert.Equal((long)FileSeals.Exec, rig.Call(SyscallNr.Fcntl, Memfd(rig, 0), GetSeals));
        Assert.Equal(0, rig.Call(SyscallNr.Fcntl, Memfd(rig, Exec | AllowSealing), GetSeals));
        Write(rig, "2\n", 2);
        Assert.Equal(-(long)Errno.EACCES, (long)Memfd(rig, Exec));
        Assert.Equal((long)FileSeals.Exec, rig.Call(SyscallNr.Fcntl, Memfd(rig, 0), GetSeals));
        Write(rig, "3", -(long)Errno.EINVAL);
        Write(rig, "x", -(long)Errno.EINVAL);
        Write(rig, "0", 1);
        Assert.Equal((long)FileSeals.Seal, rig.Call(SyscallNr.Fcntl, Memfd(rig, 0), GetSeals));
    }

    [Fact]
    public void A_pid_namespace_is_at_least_as_strict_as_what_it_lies_in()
    {
        using var rig = new FileRig();
        var parent = rig.Task;
        Write(rig, "1", 1);
        rig.Task = rig.Kernel.Fork(parent, (CloneFlags)0x2000_0000); // CLONE_NEWPID
        Write(rig, "0", -(long)Errno.EINVAL);
        Write(rig, "2", 1);
        Assert.Equal(-(long)Errno.EACCES, (long)Memfd(rig, Exec));
        Assert.Equal("2\n", Text(rig));
        rig.Task = parent;
        Assert.Equal("1\n", Text(rig));
        Assert.True((long)Memfd(rig, Exec) >= 0);
    }

    [Fact]
    public void What_must_not_shrink_is_not_emptied_by_opening_it()
    {
        const int truncate = 0x200;
        using var rig = new FileRig();
        ulong fd = Memfd(rig, AllowSealing);
        rig.Call(SyscallNr.Ftruncate, fd, 100);
        rig.Call(SyscallNr.Fcntl, fd, AddSeals, (ulong)FileSeals.Shrink);
        Assert.Equal(-(long)Errno.EPERM, rig.Open($"/proc/self/fd/{fd}", FileRig.ReadWrite | truncate));
        Assert.True(rig.Open($"/proc/self/fd/{fd}", FileRig.ReadWrite) >= 0);
        Assert.Equal(100, rig.Call(SyscallNr.Lseek, fd, 0, 2));
    }

    private static ulong Memfd(FileRig rig, ulong flags) =>
        (ulong)rig.Call(SyscallNr.MemfdCreate, 0, flags, operands: new SyscallOperands { Path = "m" });

    private static void Write(FileRig rig, string text, long expected)
    {
        int fd = rig.Open(Setting, FileRig.ReadWrite);
        Assert.Equal(expected, rig.Write(fd, System.Text.Encoding.ASCII.GetBytes(text)));
        rig.Call(SyscallNr.Close, (ulong)fd);
    }

    private static string Text(FileRig rig)
    {
        int fd = rig.Open(Setting, 0);
        string text = System.Text.Encoding.ASCII.GetString(rig.Read(fd, 100));
        rig.Call(SyscallNr.Close, (ulong)fd);
        return text;
    }
}
