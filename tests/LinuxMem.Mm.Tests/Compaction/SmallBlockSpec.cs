using LinuxMem.Abi;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Tests.Support;

namespace LinuxMem.Mm.Tests.Compaction;

/// <summary>Blocks of orders 0 to 3 are worth a process, larger ones are not; some cannot be done without.</summary>
/// <remarks>Linux: mm/page_alloc.c: __alloc_pages_slowpath, __alloc_pages_may_oom, v6.18.</remarks>
public sealed class SmallBlockSpec
{
    private const ulong Most = 1 << 20;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public void For_a_small_block_somebody_is_killed(int order)
    {
        using var rig = new KernelRig(megabytes: 4, vm: KernelRig.PromisesAll);
        TaskStruct large = rig.Start();
        TaskStruct driver = rig.Start();
        driver.Group.OomScoreAdj = -900;
        rig.Map(large, KernelRig.Arena, 300);
        for (ulong i = 0; i < 300; i++)
            rig.Store(large, KernelRig.Arena + (i * rig.Page), i);
        rig.Trap(driver, Request(order, Most, DriverGfp.Kernel));
        Assert.Equal(TaskState.WaitingForMemory, driver.State);
        RunUntil(rig, () => large.GroupExiting);
        Assert.Equal(Signal.SigKill, large.Group.ExitSignal);
        Assert.Contains(rig.Kernel.Log.Lines, line => line.Text.StartsWith("idle invoked oom-killer: "
            + $"gfp_mask=0xcc0(GFP_KERNEL), order={order}, oom_score_adj=-900", StringComparison.Ordinal));
    }

    [Fact]
    public void A_large_block_kills_nobody()
    {
        using var rig = new KernelRig(megabytes: 4, vm: KernelRig.PromisesAll);
        TaskStruct driver = rig.Start();
        rig.Trap(driver, Request(4, Most, DriverGfp.Kernel));
        for (int i = 0; i < 200 && driver.State != TaskState.Runnable; i++)
            Step(rig, driver);
        Assert.Equal(Errno.ENOMEM, driver.Result.Errno);
        Assert.False(driver.GroupExiting);
    }

    [Fact]
    public void Where_free_memory_is_in_single_frames_that_cannot_move_somebody_is_killed_for_two_together()
    {
        using var rig = new KernelRig(megabytes: 4, vm: KernelRig.PromisesAll);
        TaskStruct holder = rig.Start();
        TaskStruct driver = rig.Start();
        driver.Group.OomScoreAdj = -900;
        holder.Group.OomScoreAdj = 500;
        rig.Trap(holder, Request(0, Most, DriverGfp.Atomic));
        Assert.Equal(Errno.ENOMEM, holder.Result.Errno);
        rig.Call(holder, DriverCalls.Free, 2, file: "blocks");
        rig.Memory.Allocator.DrainAll();
        Assert.True(rig.Memory.Allocator.PagesAboveMin > 100);
        rig.Trap(driver, Request(1, 100, DriverGfp.Kernel));
        RunUntil(rig, () => holder.GroupExiting, driver);
        Assert.Contains(rig.Kernel.Log.Lines, line => line.Text.Contains("order=1, ", StringComparison.Ordinal));
        rig.Exit(holder);
        RunUntil(rig, () => driver.State == TaskState.Runnable, driver);
        Assert.Equal(100, driver.Result.Value);
    }

    [Fact]
    public void What_cannot_fail_and_cannot_be_had_stops_the_kernel()
    {
        using var rig = new KernelRig(megabytes: 4, vm: KernelRig.PromisesAll);
        TaskStruct driver = rig.Start();
        driver.Group.OomScoreAdj = -1000;
        TaskStruct other = rig.Start();
        other.Group.OomScoreAdj = -1000;
        rig.Trap(driver, Request(0, Most, DriverGfp.NoFail));
        RunUntil(rig, () => rig.Kernel.Panic.Happened is not null);
        Assert.Equal("System is deadlocked on memory", rig.Kernel.Panic.Happened!.Message);
        Assert.Contains(rig.Kernel.Log.Lines, line => line.Text.StartsWith(
            "idle invoked oom-killer: gfp_mask=0x8cc0(GFP_KERNEL|__GFP_NOFAIL), order=0, oom_score_adj=-1000",
            StringComparison.Ordinal));
        Assert.Equal(Errno.EINVAL, rig.Call(other, DriverCalls.Allocate, 4, 1, (ulong)DriverGfp.NoFail,
            file: "x").Errno);
    }

    private static void RunUntil(KernelRig rig, Func<bool> done, TaskStruct? waiter = null)
    {
        for (int i = 0; i < 400 && !done(); i++)
            Step(rig, waiter);
        Assert.True(done());
    }

    private static void Step(KernelRig rig, TaskStruct? waiter)
    {
        rig.Steps(1);
        rig.Compact(1);
        if (waiter is { State: TaskState.Runnable, Suspended: not null })
            rig.Trap(waiter, waiter.Suspended.Request);
    }

    private static SyscallRequest Request(int order, ulong count, DriverGfp gfp) => new()
    {
        Nr = DriverCalls.Allocate,
        A0 = (ulong)order,
        A1 = count,
        A2 = (ulong)gfp,
        File = "blocks",
    };
}
