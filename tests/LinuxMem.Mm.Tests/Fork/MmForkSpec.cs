using LinuxMem.Abi;
using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.PageAlloc;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Tests.Support;

namespace LinuxMem.Mm.Tests.Fork;

public class MmForkSpec
{
    private const ulong At = KernelRig.Arena;

    [Fact]
    public void Where_memory_is_out_fork_leaves_nothing_and_the_parent_is_flushed()
    {
        using var rig = new KernelRig(megabytes: 4);
        TaskStruct parent = rig.Start();
        for (ulong i = 0; i < 8; i++)
        {
            rig.Map(parent, At + (i << 21), 1);
            rig.Store(parent, At + (i << 21), i);
        }

        rig.Memory.Coherence.SwitchTo(0, parent.Mm, 0);
        rig.Memory.Coherence[0].Busy = true;
        // Room for the root and the way to some of the eight leaf tables.
        PageAllocator allocator = rig.Memory.Allocator;
        Pfn last = default;
        var taken = new List<Pfn>();
        while (!(last = allocator.AllocPages(0, GfpFlags.Kernel, new Order(0), FramePlace.Kernel, out _)).IsNone)
            taken.Add(last);
        foreach (Pfn pfn in taken[..7])
        {
            rig.Memory.Map[pfn].RefCount = 0;
            allocator.FreePages(0, pfn, new Order(0), out _);
        }

        long before = rig.FreeFrames;
        rig.Trap(parent, new SyscallRequest { Nr = SyscallNr.Fork, Child = new IdleProgram(ImageSpec.Empty) });
        Assert.Equal(TaskState.WaitingForMemory, parent.State);
        Assert.Equal(SyscallNr.Fork, parent.CallToRepeat!.Value.Nr);
        Assert.NotEmpty(rig.Memory.Coherence[0].Deferred);
        rig.Memory.Coherence.EnteredKernel(0, 90_000, idles: false);
        rig.FreeReady();
        Assert.Equal(before, rig.FreeFrames);
        Assert.Single(rig.Kernel.Lifecycle.Live);
        Assert.Equal(1, rig.Kernel.Tasks.LiveTasks);
    }

    [Fact]
    public void A_copy_makes_the_parents_processor_forget_its_writable_translations()
    {
        using var rig = new KernelRig();
        TaskStruct parent = rig.Start();
        rig.Map(parent, At, 2);
        rig.Store(parent, At, 1);
        int asid = rig.Memory.Coherence.SwitchTo(0, parent.Mm, 0);
        rig.Memory.Coherence[0].Busy = true;
        rig.Fork(parent);
        var order = Assert.Single(rig.Memory.Coherence[0].Deferred);
        Assert.Equal((asid, At / rig.Page, 1UL), ((int)order.Asid, order.FirstVpn, order.PageCount));
    }

    [Fact]
    public void Memory_advised_DONTFORK_is_not_in_the_child_and_WIPEONFORK_is_zero_there()
    {
        using var rig = new KernelRig();
        TaskStruct parent = rig.Start();
        rig.Map(parent, At, 3);
        for (ulong i = 0; i < 3; i++)
            rig.Store(parent, At + (i * rig.Page), 7);
        rig.Call(parent, SyscallNr.Madvise, At, rig.Page, (ulong)Advice.DontFork);
        rig.Call(parent, SyscallNr.Madvise, At + rig.Page, rig.Page, (ulong)Advice.WipeOnFork);
        TaskStruct child = rig.Fork(parent);
        Assert.Equal(0UL, rig.Load(child, At + rig.Page));
        Assert.Equal(7UL, rig.Load(child, At + (2 * rig.Page)));
        Assert.False(rig.Access(child, At, AccessKind.Read));
        Assert.Equal(7UL, rig.Load(parent, At));
    }
}
