using LinuxMem.Abi;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Tests.Support;

namespace LinuxMem.Mm.Tests.Syscalls;

public class MadviseSpec
{
    private const ulong At = KernelRig.Arena;

    [Fact]
    public void DONTNEED_frees_private_memory_which_reads_zero_again()
    {
        using var rig = new KernelRig();
        TaskStruct task = rig.Start();
        rig.Map(task, At, 1);
        rig.Load(task, At);
        long free = rig.FreeFrames;
        rig.Store(task, At, 5);
        Assert.Equal(0, Advise(rig, task, Advice.DontNeed));
        Assert.Equal((0L, free), (task.Mm.Rss, rig.FreeFrames));
        Assert.Equal(0UL, rig.Load(task, At));
    }

    [Fact]
    public void DONTNEED_of_shared_memory_unmaps_pages_that_the_object_keeps()
    {
        using var rig = new KernelRig();
        TaskStruct task = rig.Start();
        rig.Map(task, At, 1, flags: MapFlags.Shared | MapFlags.Anonymous);
        rig.Store(task, At, 5);
        Assert.Equal(0, Advise(rig, task, Advice.DontNeed));
        Assert.Equal(0, task.Mm.Rss);
        Assert.Equal(5UL, rig.Load(task, At));
    }

    [Theory]
    [InlineData(Advice.Free)]
    [InlineData(Advice.Cold)]
    [InlineData(Advice.PageOut)]
    [InlineData(Advice.WillNeed)]
    public void Other_advice_leaves_contents_alone(Advice advice)
    {
        using var rig = new KernelRig();
        TaskStruct task = rig.Start();
        rig.Map(task, At, 1);
        rig.Store(task, At, 5);
        Assert.Equal(0, Advise(rig, task, advice));
        Assert.Equal(5UL, rig.Load(task, At));
    }

    [Theory]
    [InlineData(Advice.DontNeed)]
    [InlineData(Advice.Free)]
    [InlineData(Advice.Cold)]
    public void Locked_memory_is_not_given_up(Advice advice)
    {
        using var rig = new KernelRig();
        TaskStruct task = rig.Start();
        rig.Map(task, At, 1, flags: MapFlags.Private | MapFlags.Anonymous | MapFlags.Locked);
        Assert.Equal(-(long)Errno.EINVAL, Advise(rig, task, advice));
    }

    [Fact]
    public void Advice_on_order_splits_a_mapping_and_NORMAL_joins_it_again()
    {
        using var rig = new KernelRig();
        TaskStruct task = rig.Start();
        rig.Map(task, At, 3);
        Advise(rig, task, Advice.Random);
        Assert.Equal(2, task.Mm.Vmas.Tree.Count);
        Advise(rig, task, Advice.Normal);
        Assert.Equal(1, task.Mm.Vmas.Tree.Count);
    }

    private static long Advise(KernelRig rig, TaskStruct task, Advice advice) =>
        rig.Call(task, SyscallNr.Madvise, At, rig.Page, (ulong)advice).Value;
}
