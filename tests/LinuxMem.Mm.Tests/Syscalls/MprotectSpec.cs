using LinuxMem.Abi;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Tests.Support;
using LinuxMem.Mm.Vmas;

namespace LinuxMem.Mm.Tests.Syscalls;

public class MprotectSpec
{
    private const ulong At = KernelRig.Arena;

    [Fact]
    public void What_lies_before_a_hole_is_changed_although_the_call_fails()
    {
        using var rig = new KernelRig();
        TaskStruct task = rig.Start();
        rig.Map(task, At, 2);
        rig.Map(task, At + (3 * rig.Page), 1);
        Assert.Equal(Errno.ENOMEM, Protect(rig, task, At + rig.Page, 3, ProtFlags.Read).Errno);
        Assert.Equal(ProtFlags.Read, Rights(task, At + rig.Page));
        Assert.Equal(ProtFlags.Read | ProtFlags.Write, Rights(task, At));
        Assert.Equal(ProtFlags.Read | ProtFlags.Write, Rights(task, At + (3 * rig.Page)));
    }

    [Fact]
    public void A_page_keeps_its_contents_while_nobody_may_touch_it()
    {
        using var rig = new KernelRig();
        TaskStruct task = rig.Start();
        rig.Map(task, At, 1);
        rig.Store(task, At, 5);
        Protect(rig, task, At, 1, ProtFlags.None);
        Assert.Equal(0UL, rig.Entry(task.Mm, At) & rig.Geometry.Format.Present);
        Assert.Equal(1, task.Mm.RssAnon);
        Protect(rig, task, At, 1, ProtFlags.Read);
        Assert.Equal(5UL, rig.Load(task, At));
    }

    [Fact]
    public void Private_memory_is_charged_once_it_may_be_written_and_merges_with_what_was_so_from_the_start()
    {
        using var rig = new KernelRig();
        TaskStruct task = rig.Start();
        rig.Map(task, At, 1);
        rig.Map(task, At + rig.Page, 1, ProtFlags.Read);
        Assert.Equal(1UL, task.Mm.Vmas.AccountedVmPages);
        Protect(rig, task, At + rig.Page, 1, ProtFlags.Read | ProtFlags.Write);
        Assert.Equal(2UL, task.Mm.Vmas.AccountedVmPages);
        Assert.Equal(1, task.Mm.Vmas.Tree.Count);
    }

    [Fact]
    public void Memory_that_would_pass_RLIMIT_DATA_does_not_become_writable()
    {
        using var rig = new KernelRig();
        TaskStruct task = rig.Start(new ResourceLimits(DataBytes: rig.Page));
        rig.Map(task, At, 2, ProtFlags.Read);
        Assert.Equal(Errno.ENOMEM, Protect(rig, task, At, 2, ProtFlags.Write).Errno);
        Assert.Equal(Errno.None, Protect(rig, task, At, 1, ProtFlags.Write).Errno);
    }

    private static SyscallResult Protect(KernelRig rig, TaskStruct task, ulong at, ulong pages, ProtFlags prot) =>
        rig.Call(task, SyscallNr.Mprotect, at, pages * rig.Page, (ulong)prot);

    private static ProtFlags Rights(TaskStruct task, ulong at) =>
        (ProtFlags)(uint)(task.Mm.Vmas.Tree.FindContaining(at)!.Flags & VmFlags.AccessMask);
}
