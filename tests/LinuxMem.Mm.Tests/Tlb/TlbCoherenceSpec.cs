using LinuxMem.Abi;
using LinuxMem.Mm.Fault;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Tests.Support;
using LinuxMem.Mm.Tlb;

namespace LinuxMem.Mm.Tests.Tlb;

public class TlbCoherenceSpec
{
    private const ulong At = KernelRig.Arena;

    [Fact]
    public void An_address_space_that_takes_over_anothers_ASID_is_flushed_first()
    {
        using var rig = new KernelRig();
        TlbCoherence coherence = rig.Memory.Coherence;
        int asids = coherence[0].AsidCount;
        for (int i = 0; i < asids; i++)
            coherence.SwitchTo(0, rig.Start().Mm, i);
        Assert.Empty(coherence[0].Pending);
        int asid = coherence.SwitchTo(0, rig.Start().Mm, 100);
        InvalidateCommand flush = Assert.Single(coherence[0].Pending);
        Assert.Equal((asid, InvalidateCommand.WholeAsid), ((int)flush.Asid, flush.PageCount));
    }

    [Fact]
    public void The_oldest_ASID_is_taken_over()
    {
        using var rig = new KernelRig();
        TlbCoherence coherence = rig.Memory.Coherence;
        Mm first = rig.Start().Mm;
        Mm second = rig.Start().Mm;
        coherence.SwitchTo(0, first, 0);
        int oldest = coherence.SwitchTo(0, second, 1);
        coherence.SwitchTo(0, first, 2);
        for (int i = 2; i < coherence[0].AsidCount; i++)
            coherence.SwitchTo(0, rig.Start().Mm, i);
        coherence.SwitchTo(0, first, 50);
        Assert.Equal(oldest, coherence.SwitchTo(0, rig.Start().Mm, 100));
        Assert.Equal(Mm.NoAsid, second.AsidOnCpu[0]);
    }

    [Fact]
    public void A_processor_that_runs_the_address_space_is_interrupted_and_its_frames_wait_for_both()
    {
        using KernelRig rig = TwoProcessors(out TaskStruct task);
        TlbCoherence coherence = rig.Memory.Coherence;
        coherence.SwitchTo(1, task.Mm, 0);
        coherence[1].Busy = true;
        long remote = rig.Memory.Stat[Stats.VmEvent.NrTlbRemoteFlushReceived];
        rig.Call(task, SyscallNr.Munmap, At, rig.Page);
        InvalidateCommand order = Assert.Single(coherence[1].Pending);
        Assert.True(order.FromOther);
        Assert.Equal(remote + 1, rig.Memory.Stat[Stats.VmEvent.NrTlbRemoteFlushReceived]);
        Assert.Single(coherence[0].Deferred);
        Assert.Empty(rig.Ready);
        coherence.EnteredKernel(0, order.AtNs + 10, idles: false);
        Assert.Single(rig.Ready);
    }

    [Fact]
    public void Who_finds_nothing_to_take_away_while_another_waits_for_interrupts_flushes_all_of_it()
    {
        using KernelRig rig = TwoProcessors(out TaskStruct task);
        TlbCoherence coherence = rig.Memory.Coherence;
        coherence.SwitchTo(1, task.Mm, 0);
        coherence[1].Busy = true;
        coherence.DelayOf = _ => 50_000; // the interrupt is late: the other may use what it has until then
        MmuGather first = coherence.Begin(task.Mm);
        first.Touch(At >> 12);
        long waitNs = coherence.Finish(task.Mm, first, 0, 100);
        Assert.True(waitNs > 50_000);
        coherence.Finish(task.Mm, coherence.Begin(task.Mm), 1, 200, nests: false);
        Assert.Empty(coherence[1].Deferred);
        coherence.Finish(task.Mm, coherence.Begin(task.Mm), 1, 100 + waitNs);
        Assert.Empty(coherence[1].Deferred);
        coherence.Finish(task.Mm, coherence.Begin(task.Mm), 1, 200);
        Assert.Equal(InvalidateCommand.WholeAsid, Assert.Single(coherence[1].Deferred).PageCount);
    }

    [Fact]
    public void A_processor_that_runs_something_else_forgets_at_its_next_entry_into_the_kernel()
    {
        using KernelRig rig = TwoProcessors(out TaskStruct task);
        TlbCoherence coherence = rig.Memory.Coherence;
        coherence.SwitchTo(1, task.Mm, 0);
        coherence.SwitchTo(1, rig.Start().Mm, 0);
        coherence[1].Busy = true;
        rig.Call(task, SyscallNr.Munmap, At, rig.Page);
        Assert.Empty(coherence[1].Pending);
        Assert.Single(coherence[1].Deferred);
        coherence.EnteredKernel(0, 90_000, idles: false);
        Assert.Empty(rig.Ready);
        coherence.EnteredKernel(1, 95_000, idles: false);
        Assert.Single(rig.Ready);
        Assert.Equal(95_000, Assert.Single(coherence[1].Pending).AtNs);
    }

    [Fact]
    public void An_idle_processor_does_at_once_what_was_on_its_way_to_it()
    {
        using KernelRig rig = TwoProcessors(out TaskStruct task);
        TlbCoherence coherence = rig.Memory.Coherence;
        coherence.SwitchTo(1, task.Mm, 0);
        coherence[1].Busy = true;
        rig.Call(task, SyscallNr.Munmap, At, rig.Page);
        long atNs = coherence[1].Pending[0].AtNs;
        coherence[1].Busy = false;
        coherence.EnteredKernel(1, atNs - 500, idles: true);
        Assert.Equal(atNs - 500, coherence[1].Pending[0].AtNs);
    }

    [Fact]
    public void A_processor_that_never_ran_the_address_space_is_left_alone()
    {
        using KernelRig rig = TwoProcessors(out TaskStruct task);
        rig.Call(task, SyscallNr.Munmap, At, rig.Page);
        Assert.Empty(rig.Memory.Coherence[1].Pending);
        Assert.Empty(rig.Memory.Coherence[1].Deferred);
    }

    [Fact]
    public void Frames_of_a_parked_batch_are_not_free()
    {
        using KernelRig rig = TwoProcessors(out TaskStruct task);
        long free = rig.FreeFrames;
        var frame = rig.FrameAt(task.Mm, At);
        rig.Call(task, SyscallNr.Munmap, At, rig.Page);
        Assert.Equal(free, rig.FreeFrames);
        Assert.Equal(MemMaps.FramePlace.Isolated, rig.Memory.Map[frame].Place);
        rig.Memory.Coherence.EnteredKernel(0, 90_000, idles: false);
        rig.FreeReady();
        Assert.True(rig.FreeFrames > free);
    }

    // The parent's store makes it a copy; its thread on the other processor reads the old page until the interrupt
    // comes, and what the child stores there by then would be seen.
    [Theory]
    [InlineData(0, FaultKind.CowCopy)]
    [InlineData(10_000, FaultKind.CowReuse)]
    public void A_page_that_another_processor_may_still_read_is_nobodys_alone(long laterNs, FaultKind expected)
    {
        using KernelRig rig = TwoProcessors(out TaskStruct parent);
        TaskStruct child = rig.Fork(parent);
        rig.Memory.Coherence.SwitchTo(1, parent.Mm, 0);
        rig.Memory.Coherence[1].Busy = true;
        Assert.True(rig.Access(parent, At, AccessKind.Write));
        Assert.Equal(FaultKind.CowCopy, rig.Kernel.LastFault.Kind);
        rig.Pass(laterNs);
        Assert.True(rig.Access(child, At, AccessKind.Write));
        Assert.Equal(expected, rig.Kernel.LastFault.Kind);
    }

    // A task with one page, on processor 0, which may hold its translation.
    private static KernelRig TwoProcessors(out TaskStruct task)
    {
        var rig = new KernelRig(cpus: 2);
        task = rig.Start();
        rig.Map(task, At, 1);
        rig.Store(task, At, 1);
        rig.Memory.Coherence.SwitchTo(0, task.Mm, 0);
        rig.Memory.Coherence[0].Busy = true;
        return rig;
    }
}
