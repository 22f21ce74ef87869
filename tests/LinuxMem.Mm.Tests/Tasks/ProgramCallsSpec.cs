using LinuxMem.Abi;
using LinuxMem.Mm.Tests.Files;

namespace LinuxMem.Mm.Tests.Tasks;

/// <summary>What a program is told of its kernel, and another way to run one.</summary>
public sealed class ProgramCallsSpec : IDisposable
{
    private readonly FileRig rig = new();

    public void Dispose() => rig.Dispose();

    [Fact]
    public void The_kernel_tells_its_release()
    {
        Assert.Equal(0, rig.Call(SyscallNr.Uname, FileRig.Buffer));
        Assert.Equal("6.18.0\0"u8.ToArray(), rig.Peek(FileRig.Buffer + (2 * 65), 7));
        Assert.Equal(-(long)Errno.EFAULT, rig.Call(SyscallNr.Uname, 8));
    }

    [Fact]
    public void Execveat_looks_at_its_flags_and_its_directory()
    {
        Assert.Equal(-(long)Errno.EINVAL, rig.Call(SyscallNr.Execveat, 99, 0, 0, 0, 1));
        Assert.Equal(-(long)Errno.EBADF, rig.Call(SyscallNr.Execveat, 99));
        Assert.Equal(-(long)Errno.ENOENT, rig.Call(SyscallNr.Execveat, unchecked((ulong)-100)));
    }
}
