using LinuxMem.Abi;
using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.Fault;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Tests.Files;
using LinuxMem.Mm.Tests.Support;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Mm.Tests.Injection;

/// <summary>F19 to F24: frames that have a memory error.</summary>
public class MemoryFailureSpec
{
    private const ulong At = KernelRig.Arena;

    [Theory]
    [InlineData(1u)]
    [InlineData(77u)]
    [InlineData(1500u)]
    public void A_free_frame_is_never_given_out_again(uint pfn)
    {
        using var rig = new KernelRig();
        long free = rig.FreeFrames;
        bool isFree = rig.Memory.Map[new Pfn(pfn)].Place is FramePlace.BuddyHead or FramePlace.Untouched;
        Assert.Equal(isFree ? Errno.None : Errno.EBUSY, rig.Kernel.MemoryFailure.Fail(new Pfn(pfn), rig.At(0)));
        if (!isFree)
            return;
        Assert.Equal(free - 1, rig.FreeFrames);
        Assert.Equal(Errno.EHWPOISON, rig.Kernel.MemoryFailure.Fail(new Pfn(pfn), rig.At(0)));
        Assert.Equal(1, rig.Memory.PoisonedPages);
        TaskStruct task = rig.Start();
        rig.Map(task, At, (ulong)free - 100);
        for (ulong i = 0; i < (ulong)free - 100; i++)
        {
            if (rig.Fault(task, At + (i * rig.Page), AccessKind.Write) == FaultKind.OutOfMemory)
                break;
            Assert.NotEqual(pfn, rig.FrameAt(task.Mm, At + (i * rig.Page)).Value);
        }
    }

    [Fact]
    public void Who_accesses_a_lost_private_page_gets_SIGBUS_and_others_do_not()
    {
        using var rig = new KernelRig();
        TaskStruct task = rig.Start();
        TaskStruct other = rig.Start();
        rig.Map(task, At, 2);
        rig.Store(task, At, 1);
        rig.Store(task, At + rig.Page, 2);
        Pfn pfn = rig.FrameAt(task.Mm, At);
        Assert.Equal(Errno.None, rig.Kernel.MemoryFailure.Fail(pfn, rig.At(0)));
        rig.FreeReady();
        Assert.Equal(FramePlace.Poisoned, rig.Memory.Map[pfn].Place);
        Assert.Equal(1, task.Mm.Rss);
        Assert.Equal(2UL, rig.Load(task, At + rig.Page));
        TaskStruct child = rig.Fork(task);
        Assert.False(rig.Access(child, At, AccessKind.Read));
        Assert.False(rig.Access(task, At, AccessKind.Write));
        Assert.Equal((Signal.SigBus, SignalCode.BusMceErrAr),
            (task.Group.ExitSignal, task.Group.ExitSignalCode));
        Assert.False(other.GroupExiting);
        rig.Exit(other);
        Assert.Equal(FramePlace.Poisoned, rig.Memory.Map[pfn].Place);
    }

    [Theory]
    [InlineData(1UL, false, true)]
    [InlineData(2UL, false, false)]
    [InlineData(0UL, true, false)]
    [InlineData(2UL, true, true)]
    public void A_thread_says_itself_whether_it_hears_of_a_lost_page_before_it_comes_to_it(
        ulong policy, bool isUsual, bool isTold)
    {
        using var rig = new KernelRig(vm: new VmSettings { MemoryFailureEarlyKill = isUsual });
        TaskStruct task = rig.Start();
        rig.Map(task, At, 1);
        rig.Store(task, At, 1);
        Assert.Equal(0, rig.Call(task, SyscallNr.Prctl, 33, 1, policy).Value);
        Assert.Equal(Errno.None, rig.Kernel.MemoryFailure.Fail(rig.FrameAt(task.Mm, At), rig.At(0)));
        Assert.Equal(isTold, task.GroupExiting);
        if (isTold)
            return;
        Assert.False(rig.Access(task, At, AccessKind.Read));
        Assert.Equal(SignalCode.BusMceErrAr, task.Group.ExitSignalCode);
    }

    [Fact]
    public void The_kernels_access_to_a_lost_page_is_EFAULT_and_new_memory_in_its_place_is_good()
    {
        using var rig = new KernelRig();
        TaskStruct task = rig.Start();
        rig.Map(task, At, 1);
        rig.Store(task, At, 1);
        rig.Kernel.MemoryFailure.Fail(rig.FrameAt(task.Mm, At), rig.At(0));
        Assert.Equal(Errno.EFAULT, rig.Call(task, SyscallNr.Pipe, At).Errno);
        Assert.Equal(0, rig.Call(task, SyscallNr.Madvise, At, rig.Page, (ulong)Advice.DontNeed).Value);
        Assert.Equal(0UL, rig.Load(task, At));
    }

    [Fact]
    public void A_clean_page_of_a_file_is_dropped_and_read_again_into_another_frame()
    {
        using var rig = new FileRig();
        (int fd, Pfn pfn, byte[] text) = MappedFile(rig, synced: true);
        Assert.Equal(Errno.None, rig.Kernel.Kernel.MemoryFailure.Fail(pfn, rig.Kernel.At(0)));
        rig.Kernel.FreeReady();
        Assert.Equal(text, rig.Peek(At + (1UL << 30), 100));
        Assert.NotEqual(pfn, rig.Kernel.FrameAt(rig.Task.Mm, At + (1UL << 30)));
        Assert.Equal(0, rig.Call(SyscallNr.Fsync, (ulong)fd));
        Assert.Equal(FramePlace.Poisoned, rig.Kernel.Memory.Map[pfn].Place);
    }

    [Fact]
    public void A_dirty_page_of_a_file_is_lost_and_that_is_told_once()
    {
        using var rig = new FileRig();
        (int fd, Pfn pfn, _) = MappedFile(rig, synced: false);
        Assert.Equal(Errno.None, rig.Kernel.Kernel.MemoryFailure.Fail(pfn, rig.Kernel.At(0)));
        rig.Kernel.FreeReady();
        Assert.Equal(-(long)Errno.EIO, rig.Call(SyscallNr.Fsync, (ulong)fd));
        Assert.Equal(0, rig.Call(SyscallNr.Fsync, (ulong)fd));
        Assert.False(rig.Kernel.Access(rig.Task, At + (1UL << 30), AccessKind.Read));
        Assert.Equal(SignalCode.BusMceErrAr, rig.Task.Group.ExitSignalCode);
    }

    [Fact]
    public void Page_tables_and_the_zero_page_are_left_alone()
    {
        using var rig = new KernelRig();
        TaskStruct task = rig.Start();
        rig.Map(task, At, 1);
        rig.Fault(task, At, AccessKind.Read);
        Assert.Equal(Errno.EBUSY, rig.Kernel.MemoryFailure.Fail(rig.Memory.ZeroPage, rig.At(0)));
        Assert.Equal(Errno.EBUSY, rig.Kernel.MemoryFailure.Fail(task.Mm.Context.Root, rig.At(0)));
        Assert.Equal(Errno.ENXIO, rig.Kernel.MemoryFailure.Fail(new Pfn(1 << 30), rig.At(0)));
        Assert.Contains(rig.Kernel.Log.Lines,
            line => line.Text.EndsWith("recovery action for unhandled page: Ignored", default));
    }

    private static (int Fd, Pfn Pfn, byte[] Text) MappedFile(FileRig rig, bool synced)
    {
        int fd = rig.Open("f");
        byte[] text = FileRig.Bytes(100);
        rig.Write(fd, text);
        if (synced)
            rig.Call(SyscallNr.Fsync, (ulong)fd);
        rig.Map(fd, At + (1UL << 30), 1, MapFlags.Shared);
        Assert.Equal(text, rig.Peek(At + (1UL << 30), 100));
        return (fd, rig.Kernel.FrameAt(rig.Task.Mm, At + (1UL << 30)), text);
    }
}
