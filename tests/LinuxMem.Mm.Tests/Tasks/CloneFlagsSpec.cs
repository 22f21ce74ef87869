using LinuxMem.Abi;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Tests.Files;
using LinuxMem.Mm.Tests.Support;

namespace LinuxMem.Mm.Tests.Tasks;

/// <summary>Which flags of clone go together, and whose children there are then.</summary>
public sealed class CloneFlagsSpec : IDisposable
{
    private readonly FileRig rig = new();

    public void Dispose() => rig.Dispose();

    [Theory]
    [InlineData(0x20200)] // NEWNS with FS
    [InlineData(0x10000200)] // NEWUSER with FS
    [InlineData(0x10100)] // THREAD without SIGHAND
    [InlineData(0x800)] // SIGHAND without VM
    [InlineData(0x10010900)] // a thread in a new user namespace
    [InlineData(0x401000)] // PIDFD with DETACHED
    [InlineData(0x8040000)] // NEWIPC with SYSVSEM
    public void Flags_that_contradict_each_other_are_refused(ulong flags) =>
        Assert.Equal(-(long)Errno.EINVAL, Clone(flags));

    [Fact]
    public void Namespaces_take_a_capability_but_for_those_of_users()
    {
        Assert.True(Clone(0x40000000) > 0);
        Credentials own = rig.Task.Credentials;
        rig.Task.Credentials = own with { Effective = own.Effective & ~Capabilities.SysAdmin };
        Assert.Equal(-(long)Errno.EPERM, Clone(0x40000000));
        Assert.True(Clone(0x50000000) > 0);
    }

    [Fact]
    public void A_sibling_is_waited_for_by_the_parent_of_both()
    {
        TaskStruct grandparent = rig.Task;
        rig.Task = rig.Kernel.Fork(grandparent);
        TaskStruct sibling = rig.Kernel.Fork(rig.Task, CloneFlags.Parent);
        Assert.Same(grandparent.Group, sibling.Group.Parent);
        Assert.Empty(rig.Task.Group.Children);
        Assert.Equal(-(long)Errno.ECHILD, rig.Call(SyscallNr.Wait4, ulong.MaxValue));
        rig.Kernel.Trap(sibling, new SyscallRequest { Nr = SyscallNr.ExitGroup });
        rig.Task = grandparent;
        Assert.Equal(sibling.Group.Pid, rig.Call(SyscallNr.Wait4, ulong.MaxValue));
    }

    private long Clone(ulong flags)
    {
        rig.Kernel.Trap(rig.Task, new SyscallRequest
        {
            Nr = SyscallNr.Clone,
            A0 = flags | (ulong)Signal.SigChld,
            Child = new IdleProgram(ImageSpec.Empty),
        });
        return rig.Task.Result.Value;
    }
}
