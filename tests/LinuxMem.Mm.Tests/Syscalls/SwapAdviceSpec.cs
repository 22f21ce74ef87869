using LinuxMem.Abi;
using LinuxMem.Mm.Lru;
using LinuxMem.Mm.Stats;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Tests.Support;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Mm.Tests.Syscalls;

/// <summary>Advice that is about reclaim and swap.</summary>
public class SwapAdviceSpec
{
    private const ulong At = KernelRig.Arena;

    [Fact]
    public void COLD_makes_pages_inactive_and_unused()
    {
        const Advice advice = Advice.Cold;
        using var rig = new KernelRig();
        TaskStruct task = rig.Start();
        rig.Map(task, At, 2);
        for (ulong i = 0; i < 2; i++)
        {
            rig.Store(task, At + (i * rig.Page), 5 + i);
            rig.Memory.Lru!.Touch(rig.FrameAt(task.Mm, At + (i * rig.Page)));
            rig.Memory.Lru.Touch(rig.FrameAt(task.Mm, At + (i * rig.Page)));
        }

        Assert.Equal(2, rig.Memory.Lru!.Count(PageKind.Anon, active: true));
        Assert.Equal(0, rig.Call(task, SyscallNr.Madvise, At, rig.Page, (ulong)advice).Value);
        ulong accessed = rig.Geometry.Format.Accessed;
        Assert.Equal((0UL, accessed), (rig.Entry(task.Mm, At) & accessed,
            rig.Entry(task.Mm, At + rig.Page) & accessed));
        Assert.Equal((1, 1), (rig.Memory.Lru.Count(PageKind.Anon, active: true),
            rig.Memory.Lru.Count(PageKind.Anon, active: false)));
        Assert.Equal(1, rig.Memory.Stat[VmEvent.PgDeactivate]);
        Assert.Equal(5UL, rig.Load(task, At));
        rig.Fork(task);
        rig.Call(task, SyscallNr.Madvise, At + rig.Page, rig.Page, (ulong)advice);
        Assert.Equal(1, rig.Memory.Lru.Count(PageKind.Anon, active: true));
    }

    [Fact]
    public void WILLNEED_brings_pages_back_into_the_swap_cache()
    {
        const ulong pages = 1200;
        using var rig = new KernelRig(megabytes: 4, vm: KernelRig.PromisesAll, swapAreas:
            [new SwapAreaSettings { Pages = 1001 }]);
        TaskStruct task = rig.Start();
        rig.Map(task, At, pages);
        for (ulong i = 0; i < pages; i++)
            Assert.True(rig.AccessWaiting(task, At + (i * rig.Page), AccessKind.Write));
        rig.Steps(5);
        ulong first = At;
        while (!rig.Geometry.Format.IsSwap(rig.Entry(task.Mm, first)))
            first += rig.Page;
        long swapIns = rig.Memory.Stat[VmEvent.PswpIn], faults = task.Group.MajFlt;
        Assert.Equal(0, rig.Call(task, SyscallNr.Madvise, first, 4 * rig.Page, (ulong)Advice.WillNeed).Value);
        long read = rig.Memory.Stat[VmEvent.PswpIn] - swapIns;
        Assert.InRange(read, 1, 4);
        // Again: they are there.
        Assert.Equal(0, rig.Call(task, SyscallNr.Madvise, first, 4 * rig.Page, (ulong)Advice.WillNeed).Value);
        Assert.Equal(read, rig.Memory.Stat[VmEvent.PswpIn] - swapIns);
        rig.CompleteIo();
        Assert.True(rig.Access(task, first, AccessKind.Read));
        Assert.Equal(faults, task.Group.MajFlt);
    }
}
