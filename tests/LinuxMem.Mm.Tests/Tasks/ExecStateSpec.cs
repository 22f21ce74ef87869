using LinuxMem.Abi;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Tests.Support;

namespace LinuxMem.Mm.Tests.Tasks;

/// <summary>What of a task goes with its old image, and what may be done with memory after that.</summary>
public class ExecStateSpec
{
    private const ulong At = 0x2000_0000;
    private const uint Signature = 0x5305_3053;

    [Fact]
    public void Execve_forgets_the_rseq_area_and_fork_keeps_it()
    {
        using var rig = new KernelRig();
        TaskStruct task = rig.Start();
        rig.Map(task, At, 1);
        Assert.Equal(0, rig.Call(task, SyscallNr.Rseq, At, 32, 0, Signature).Value);
        TaskStruct child = rig.Fork(task);
        Assert.Equal(Errno.EBUSY, rig.Call(child, SyscallNr.Rseq, At, 32, 0, Signature).Errno);
        Assert.Equal(Errno.EINVAL, rig.Call(child, SyscallNr.Rseq, At + 32, 32, 0, Signature).Errno);
        rig.Trap(child, new SyscallRequest { Nr = SyscallNr.Execve, Child = new IdleProgram(ImageSpec.Empty) });
        rig.Map(child, At, 1);
        Assert.Equal(0, rig.Call(child, SyscallNr.Rseq, At + 32, 32, 0, Signature).Value);
    }

    [Fact]
    public void Capabilities_are_kept_over_setuid_if_asked_for_but_not_over_execve()
    {
        using var rig = new KernelRig();
        TaskStruct task = rig.Start();
        const ulong keepCaps = 8;
        Assert.Equal(0, rig.Call(task, SyscallNr.Prctl, keepCaps, 1).Value);
        Assert.Equal(0, rig.Call(task, SyscallNr.Setresuid, 1000, 1000, 1000).Value);
        Assert.Equal((Capabilities.None, Capabilities.Root), (task.Credentials.Effective, task.Credentials.Permitted));
        rig.Trap(task, new SyscallRequest { Nr = SyscallNr.Execve, Child = new IdleProgram(ImageSpec.Empty) });
        Assert.Equal(Capabilities.None, task.Credentials.Permitted);
        Assert.False(task.KeepsCapabilities);
    }

    [Fact]
    public void Root_has_all_capabilities_again_after_execve()
    {
        Credentials few = Credentials.Root with { Permitted = Capabilities.Kill, Effective = Capabilities.None };
        Assert.Equal(Credentials.Root, few.AfterExec());
    }

    [Theory]
    [InlineData(0UL, MapFlags.Fixed | MapFlags.GrowsDown, Errno.EPERM)]
    [InlineData(0x1000UL, MapFlags.Fixed, Errno.EINVAL)]
    [InlineData(0UL, MapFlags.Locked | MapFlags.GrowsDown, Errno.EAGAIN)]
    [InlineData(0UL, MapFlags.GrowsDown, Errno.EINVAL)]
    [InlineData(0UL, MapFlags.None, Errno.ENOMEM)]
    public void Huge_pages_are_refused_after_the_place_and_the_lock_were_looked_at(
        ulong address, MapFlags flags, Errno error)
    {
        using var rig = new KernelRig();
        TaskStruct task = rig.Start(ResourceLimits.Default with { MemlockBytes = 1 << 20 });
        rig.Call(task, SyscallNr.Setuid, 1000);
        MapFlags all = flags | MapFlags.Shared | MapFlags.Anonymous | MapFlags.HugeTlb;
        Assert.Equal(error, rig.Call(task, SyscallNr.Mmap, address, 4096, 1, (ulong)all, ulong.MaxValue).Errno);
    }
}
