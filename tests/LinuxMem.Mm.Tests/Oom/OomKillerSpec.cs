using LinuxMem.Abi;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Tests.Support;

namespace LinuxMem.Mm.Tests.Oom;

public class OomKillerSpec
{
    private const ulong At = KernelRig.Arena;

    [Fact]
    public void The_largest_process_is_killed_and_its_memory_serves_the_one_that_waits()
    {
        using var rig = new KernelRig(megabytes: 4, vm: KernelRig.PromisesAll);
        TaskStruct small = rig.Start();
        TaskStruct large = rig.Start();
        rig.Map(small, At, 2000);
        rig.Map(large, At, 500);
        for (ulong i = 0; i < 500; i++)
            rig.Store(large, At + (i * rig.Page), i);
        ulong reached = 0;
        while (rig.Access(small, At + (reached * rig.Page), AccessKind.Write))
            reached++;
        Assert.Equal((TaskState.WaitingForMemory, false), (small.State, large.GroupExiting));
        rig.Steps(40);
        Assert.Equal((Signal.SigKill, true), (large.Group.ExitSignal, large.GroupExiting));
        rig.Serve(new Trap(TrapKind.SliceEnd, large, rig.At(0)));
        Assert.True(large.Group.IsDead);
        rig.Steps(1);
        Assert.Equal(TaskState.Runnable, small.State);
        Assert.True(rig.Access(small, At + (reached * rig.Page), AccessKind.Write));
    }

    [Fact]
    public void A_process_that_is_the_largest_itself_dies_of_its_own_fault()
    {
        using var rig = new KernelRig(megabytes: 4, vm: KernelRig.PromisesAll);
        long free = rig.FreeFrames;
        TaskStruct task = rig.Start();
        rig.Map(task, At, 2000);
        ulong reached = 0;
        while (rig.Access(task, At + (reached * rig.Page), AccessKind.Write))
            reached++;
        rig.Steps(40);
        Assert.Equal((Signal.SigKill, true), (task.Group.ExitSignal, task.GroupExiting));
        rig.Serve(new Trap(TrapKind.SliceEnd, task, rig.At(0)));
        Assert.True(task.Group.IsDead);
        rig.Memory.Allocator.DrainAll();
        Assert.Equal(free, rig.FreeFrames);
    }

    [Fact]
    public void While_a_victim_is_dying_no_other_is_chosen()
    {
        using var rig = new KernelRig(megabytes: 4, vm: KernelRig.PromisesAll);
        TaskStruct small = rig.Start();
        TaskStruct large = rig.Start();
        rig.Map(small, At, 2000);
        rig.Map(large, At, 500);
        for (ulong i = 0; i < 500; i++)
            rig.Store(large, At + (i * rig.Page), i);
        ulong reached = 0;
        while (rig.Access(small, At + (reached * rig.Page), AccessKind.Write))
            reached++;
        rig.Steps(100);
        Assert.True(large.GroupExiting);
        Assert.False(small.GroupExiting);
        Assert.Equal(1, rig.Memory.Stat[Stats.VmEvent.OomKill]);
    }
}
