using LinuxMem.Abi;
using LinuxMem.Mm.Lru;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.Stats;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Tests.Support;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Mm.Tests.Syscalls;

/// <summary>Pages of locked mappings cannot leave, and can again when the last lock is gone.</summary>
public sealed class MlockedPagesSpec
{
    private const ulong At = KernelRig.Arena;
    private const ulong Far = At + 0x4000_0000;
    private static readonly SwapAreaSettings[] OneArea = [new() { Pages = 3001 }];

    [Fact]
    public void Locking_moves_pages_off_the_lists_and_unlocking_back()
    {
        using var rig = new KernelRig();
        TaskStruct task = rig.Start();
        rig.Map(task, At, 10);
        for (ulong i = 0; i < 4; i++)
            rig.Store(task, At + (i * rig.Page), 5);
        rig.Load(task, At + (5 * rig.Page));
        Assert.Equal(0, rig.Call(task, SyscallNr.Mlock2, At, 10 * rig.Page, 1).Value);
        Assert.Equal((4L, 4L, 0L), Counts(rig));
        Assert.Equal((4L, 4L), (Event(rig, VmEvent.UnevictablePgsCulled), Event(rig, VmEvent.UnevictablePgsMlocked)));
        // The page of zeros is nobody's; what replaces it is.
        rig.Store(task, At + (5 * rig.Page), 6);
        Assert.Equal((5L, 5L, 0L), Counts(rig));
        Assert.Equal(0, rig.Call(task, SyscallNr.Mlock, At, 10 * rig.Page).Value);
        Assert.Equal((10L, 10L, 0L), Counts(rig));
        Assert.Equal(0, rig.Call(task, SyscallNr.Munlock, At, 3 * rig.Page).Value);
        Assert.Equal((7L, 7L, 3L), Counts(rig));
        Assert.Equal((3L, 3L),
            (Event(rig, VmEvent.UnevictablePgsRescued), Event(rig, VmEvent.UnevictablePgsMunlocked)));
        Assert.Equal(0, rig.Call(task, SyscallNr.Munmap, At, 6 * rig.Page).Value);
        Assert.Equal((4L, 4L, 0L), Counts(rig));
        rig.Exit(task);
        Assert.Equal((0L, 0L, 0L), Counts(rig));
        Assert.Equal(0, Event(rig, VmEvent.UnevictablePgsCleared));
    }

    [Fact]
    public void All_of_a_process_can_be_locked_and_what_it_maps_later()
    {
        using var rig = new KernelRig();
        TaskStruct task = rig.Start();
        rig.Map(task, At, 3);
        Assert.Equal(0, rig.Call(task, SyscallNr.Mlockall, 3).Value);
        long locked = Counts(rig).Locked;
        Assert.True(locked >= 3, $"{locked} pages are locked");
        rig.Map(task, Far, 5);
        Assert.Equal(locked + 5, Counts(rig).Locked);
        rig.Call(task, SyscallNr.Munlockall);
        Assert.Equal((0L, 0L), (Counts(rig).Locked, Counts(rig).Unevictable));
    }

    [Fact]
    public void A_page_of_two_locked_mappings_stays_until_both_let_go()
    {
        using var rig = new KernelRig();
        TaskStruct first = rig.Start();
        rig.Map(first, At, 2, flags: MapFlags.Shared | MapFlags.Anonymous);
        rig.Store(first, At, 1);
        rig.Store(first, At + rig.Page, 1);
        TaskStruct second = rig.Fork(first);
        rig.Load(second, At);
        rig.Call(first, SyscallNr.Mlock, At, 2 * rig.Page);
        rig.Call(second, SyscallNr.Mlock, At, rig.Page);
        PageFrame frame = rig.Memory.Map[rig.FrameAt(first.Mm, At)];
        Assert.Equal((2u, 2L), (frame.MlockCount, Counts(rig).Locked));
        rig.Call(first, SyscallNr.Munlock, At, 2 * rig.Page);
        Assert.Equal(1L, Counts(rig).Locked);
        rig.Exit(second);
        Assert.Equal((0L, 0L), (Counts(rig).Locked, Counts(rig).Unevictable));
    }

    [Fact]
    public void A_copy_is_locked_in_place_of_what_it_copies()
    {
        using var rig = new KernelRig();
        TaskStruct parent = rig.Start();
        rig.Map(parent, At, 1);
        rig.Store(parent, At, 1);
        rig.Call(parent, SyscallNr.Mlock, At, rig.Page);
        TaskStruct child = rig.Fork(parent);
        Assert.Equal(1L, Counts(rig).Locked);
        // The parent writes: the copy is the locked one now, and what the child has can leave.
        rig.Store(parent, At, 2);
        Assert.Equal((1L, 1L), (Counts(rig).Locked, Counts(rig).Unevictable));
        Assert.Equal((1u, 0u), (rig.Memory.Map[rig.FrameAt(parent.Mm, At)].MlockCount,
            rig.Memory.Map[rig.FrameAt(child.Mm, At)].MlockCount));
        Assert.Equal(Errno.None, rig.Call(parent, SyscallNr.Madvise, At, rig.Page, (ulong)Advice.DontNeedLocked).Errno);
        Assert.Equal((0L, 0L), (Counts(rig).Locked, Counts(rig).Unevictable));
    }

    [Fact]
    public void Locked_pages_stay_while_all_others_leave()
    {
        using var rig = new KernelRig(megabytes: 4, vm: KernelRig.PromisesAll, swapAreas: OneArea);
        TaskStruct task = rig.Start();
        rig.Map(task, At, 100);
        for (ulong i = 0; i < 100; i++)
            rig.Store(task, At + (i * rig.Page), i + 1);
        rig.Call(task, SyscallNr.Mlock, At, 100 * rig.Page);
        rig.Map(task, Far, 2000);
        for (ulong i = 0; i < 2000; i++)
            Assert.True(rig.AccessWaiting(task, Far + (i * rig.Page), AccessKind.Write));
        for (ulong i = 0; i < 100; i++)
            Assert.Equal(i + 1, rig.Load(task, At + (i * rig.Page)));
        Assert.Equal(100L, Counts(rig).Locked);
        Assert.Equal(Errno.EINVAL, rig.Call(task, SyscallNr.Madvise, At, rig.Page, (ulong)Advice.PageOut).Errno);
    }

    [Fact]
    public void Truncation_frees_locked_pages_of_a_file()
    {
        using var rig = new KernelRig();
        TaskStruct task = rig.Start();
        rig.Trap(task, new SyscallRequest
        {
            Nr = SyscallNr.MemfdCreate,
            Operands = new SyscallOperands { Path = "data" },
        });
        int fd = (int)task.Result.Value;
        Assert.Equal(0, rig.Call(task, SyscallNr.Ftruncate, (ulong)fd, 3 * rig.Page).Value);
        Assert.True(rig.Call(task, SyscallNr.Mmap, At, 3 * rig.Page, 3, (ulong)(MapFlags.Shared | MapFlags.Fixed
            | MapFlags.Locked), (ulong)fd).Value > 0);
        Assert.Equal((3L, 3L, 0L), Counts(rig));
        Assert.Equal(0, rig.Call(task, SyscallNr.Ftruncate, (ulong)fd, rig.Page).Value);
        Assert.Equal((1L, 1L, 0L), Counts(rig));
        rig.Call(task, SyscallNr.Munmap, At, 3 * rig.Page);
        Assert.Equal((0L, 0L, 1L), Counts(rig));
    }

    [Fact]
    public void A_locked_segment_stays_until_it_is_unlocked()
    {
        const ulong locks = 11, unlocks = 12;
        using var rig = new KernelRig(megabytes: 4, vm: KernelRig.PromisesAll, swapAreas: OneArea);
        TaskStruct task = rig.Start();
        ulong id = (ulong)rig.Call(task, SyscallNr.Shmget, 0, 100 * rig.Page, 0x3b6).Value;
        ulong at = (ulong)rig.Call(task, SyscallNr.Shmat, id, 0, 0).Value;
        for (ulong i = 0; i < 50; i++)
            rig.Store(task, at + (i * rig.Page), i + 1);
        Assert.Equal(0, rig.Call(task, SyscallNr.Shmctl, id, locks).Value);
        Assert.Equal((0L, 50L), (Counts(rig).Locked, Counts(rig).Unevictable));
        for (ulong i = 50; i < 100; i++)
            rig.Store(task, at + (i * rig.Page), i + 1);
        Assert.Equal(100L, Counts(rig).Unevictable);
        rig.Map(task, Far, 1500);
        for (ulong i = 0; i < 1500; i++)
            Assert.True(rig.AccessWaiting(task, Far + (i * rig.Page), AccessKind.Write));
        Assert.Equal(100L, Counts(rig).Unevictable);
        for (ulong i = 0; i < 100; i++)
            Assert.Equal(i + 1, rig.Load(task, at + (i * rig.Page)));
        rig.Call(task, SyscallNr.Mlock, at, 10 * rig.Page);
        Assert.Equal(0, rig.Call(task, SyscallNr.Shmctl, id, unlocks).Value);
        Assert.Equal((10L, 10L), (Counts(rig).Locked, Counts(rig).Unevictable));
        Assert.Equal(100, Event(rig, VmEvent.UnevictablePgsScanned));
        Assert.Equal(0, rig.Call(task, SyscallNr.Shmctl, id, unlocks).Value);
        rig.Call(task, SyscallNr.Setuid, 1000);
        Assert.Equal(Errno.EPERM, rig.Call(task, SyscallNr.Shmctl, id, locks).Errno);
    }

    private static long Event(KernelRig rig, VmEvent name) => rig.Memory.Stat[name];

    private static (long Locked, long Unevictable, long Listed) Counts(KernelRig rig)
    {
        long listed = 0;
        foreach (PageKind kind in (PageKind[])[PageKind.Anon, PageKind.File])
            listed += rig.Memory.Lru!.Count(kind, true) + rig.Memory.Lru.Count(kind, false);
        return (rig.Memory.Stat[VmEvent.NrMlock], rig.Memory.Lru!.UnevictablePages, listed);
    }
}
