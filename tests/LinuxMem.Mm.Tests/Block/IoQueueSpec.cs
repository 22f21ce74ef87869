using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.Block;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.PageAlloc;
using LinuxMem.Mm.Stats;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Tests.Support;
using LinuxMem.Simulation;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Mm.Tests.Block;

public sealed class IoQueueSpec : IDisposable, IPageIoOwner
{
    private readonly KernelRig rig = new(disks: [BlockDeviceSettings.Nvme]);
    private readonly List<(BlockOp Op, int Pages, long AtNs)> finished = [];

    [Fact]
    public void A_frame_is_locked_while_it_is_read_and_uptodate_afterwards()
    {
        Pfn page = Frame();
        rig.Kernel.Io.NowNs = 70;
        rig.Kernel.Io.Read(0, 800, page, this);
        Assert.Equal(PageFlags.Locked, rig.Memory.Map[page].Flags);
        Assert.Equal(2, rig.Memory.Map[page].RefCount);
        BlockIo io = Assert.Single(rig.Kernel.Io.Pending(0));
        Assert.Equal((BlockOp.Read, 800UL, 8U, 70L), (io.Op, io.Sector, io.Sectors, io.SubmittedNs));

        rig.Kernel.Io.Complete(new BlockCompletion(io, 900));
        Assert.Equal(PageFlags.Uptodate, rig.Memory.Map[page].Flags);
        Assert.Equal(1, rig.Memory.Map[page].RefCount);
        Assert.Equal([(BlockOp.Read, 1, 900L)], finished);
        Assert.Equal((4L, 0L), (rig.Memory.Stat[VmEvent.PgPgIn], rig.Memory.Stat[VmEvent.PgPgOut]));
        Assert.Equal(0, rig.Kernel.Io.UnderWay);
    }

    [Fact]
    public void Frames_are_in_writeback_while_they_are_written()
    {
        Pfn[] pages = [Frame(), Frame(), Frame()];
        rig.Kernel.Io.Submit(0, BlockOp.Write, 8, pages, this);
        Assert.Equal(3, rig.Memory.Stat[VmEvent.NrWriteback]);
        Assert.All(pages, page => Assert.Equal(PageFlags.Writeback, rig.Memory.Map[page].Flags));
        BlockIo io = Assert.Single(rig.Kernel.Io.Pending(0));
        Assert.Equal(24U, io.Sectors);
        rig.Kernel.Io.Complete(new BlockCompletion(io, 5));
        Assert.All(pages, page => Assert.Equal(PageFlags.None, rig.Memory.Map[page].Flags));
        Assert.Equal((0L, 3L, 12L), (rig.Memory.Stat[VmEvent.NrWriteback], rig.Memory.Stat[VmEvent.NrWritten],
            rig.Memory.Stat[VmEvent.PgPgOut]));
    }

    [Fact]
    public void Who_waits_for_a_frame_wakes_when_its_io_is_over()
    {
        Pfn page = Frame();
        TaskStruct first = rig.Start();
        TaskStruct second = rig.Start();
        rig.Kernel.Woken.Clear();
        rig.Kernel.Io.Read(0, 0, page);
        rig.Kernel.Io.Wait(page, first);
        rig.Kernel.Io.Wait(page, second);
        Assert.Equal(TaskState.WaitingForIo, first.State);
        Assert.False(first.IsInterruptible);
        rig.Kernel.Io.Complete(new BlockCompletion(rig.Kernel.Io.Pending(0)[0], 1));
        Assert.Equal([first, second], rig.Kernel.Woken);
        Assert.Equal(TaskState.Runnable, first.State);
        Assert.Equal(0, rig.Kernel.Io.Waiters.Count);
    }

    [Fact]
    public void A_task_that_was_killed_while_it_waited_is_not_woken_again()
    {
        Pfn page = Frame();
        TaskStruct task = rig.Start();
        rig.Kernel.Woken.Clear();
        rig.Kernel.Io.Read(0, 0, page);
        rig.Kernel.Io.Wait(page, task);
        task.State = TaskState.Runnable;
        rig.Kernel.Io.Complete(new BlockCompletion(rig.Kernel.Io.Pending(0)[0], 1));
        Assert.Empty(rig.Kernel.Woken);
    }

    [Fact]
    public void A_second_io_of_a_frame_and_a_wait_for_nothing_are_bugs_of_the_kernel()
    {
        Pfn page = Frame();
        Assert.Throws<KernelBug>(() => rig.Kernel.Io.Wait(page, rig.Start()));
        rig.Kernel.Io.Read(0, 0, page);
        Assert.Throws<KernelBug>(() => rig.Kernel.Io.Write(0, 0, page));
    }

    void IPageIoOwner.Finished(PageIo io, long atNs) => finished.Add((io.Op, io.Pages.Count, atNs));

    public void Dispose() => rig.Dispose();

    private Pfn Frame() =>
        rig.Memory.Allocator.AllocPages(0, GfpFlags.Kernel, new Order(0), FramePlace.Kernel, out _);
}
