using LinuxMem.Abi;
using LinuxMem.Mm.Lru;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.Stats;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Tests.Proc;
using LinuxMem.Mm.Tests.Support;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Mm.Tests.Syscalls;

/// <summary>MADV_PAGEOUT, MADV_FREE and MAP_DROPPABLE: pages that leave since their owner says so.</summary>
public sealed class ReclaimAdviceSpec
{
    private const ulong At = KernelRig.Arena;
    private const ulong Far = At + 0x4000_0000;
    private static readonly SwapAreaSettings[] OneArea = [new() { Pages = 2001 }];

    [Fact]
    public void PAGEOUT_unmaps_at_once_and_frees_what_is_written()
    {
        using var rig = new KernelRig(swapAreas: OneArea);
        TaskStruct task = rig.Start();
        Fill(rig, task, 100);
        long free = rig.FreeFrames;
        Assert.Equal(Errno.None, Advise(rig, task, At, 100, Advice.PageOut));
        Assert.Equal((100L, 0L), (task.Mm.SwapEntries, task.Mm.RssAnon));
        // No TLB has them any more.
        rig.Kernel.SettleReclaim();
        Assert.Equal(100, rig.Memory.Stat[VmEvent.NrWriteback]);
        Assert.Equal(100, rig.Memory.Stat[VmEvent.PswpOut]);
        // Nobody scanned for memory.
        Assert.Equal((0L, 0L), (rig.Memory.Stat[VmEvent.PgScanDirect], rig.Memory.Stat[VmEvent.PgStealDirect]));
        rig.CompleteIo();
        Assert.Equal(free + 100, rig.FreeFrames);
        Check(rig, task, 100);
        Assert.True(task.Group.MajFlt > 0);
    }

    [Fact]
    public void PAGEOUT_leaves_what_others_map_and_what_swap_has_no_room_for()
    {
        using var rig = new KernelRig(swapAreas: [new SwapAreaSettings { Pages = 9 }]);
        TaskStruct task = rig.Start();
        Fill(rig, task, 20);
        TaskStruct child = rig.Fork(task);
        Assert.Equal(Errno.None, Advise(rig, task, At, 20, Advice.PageOut));
        Assert.Equal(0, task.Mm.SwapEntries);
        rig.Exit(child);
        Assert.Equal(Errno.None, Advise(rig, task, At, 20, Advice.PageOut));
        Assert.Equal((8L, 12L), (task.Mm.SwapEntries, rig.Memory.Lru!.Count(PageKind.Anon, active: true)));
        rig.CompleteIo();
        Check(rig, task, 20);
    }

    [Fact]
    public void PAGEOUT_without_swap_takes_shared_memory_out_of_the_page_table_and_leaves_it_in_its_object()
    {
        using var rig = new KernelRig();
        TaskStruct task = rig.Start();
        rig.Map(task, At, 3, flags: MapFlags.Shared | MapFlags.Anonymous);
        for (ulong i = 0; i < 3; i++)
            rig.Store(task, At + (i * rig.Page), i + 1);
        Assert.Equal(Errno.None, Advise(rig, task, At, 3, Advice.PageOut));
        Assert.Equal(0, task.Mm.RssShmem);
        long faults = task.Group.MinFlt;
        for (ulong i = 0; i < 3; i++)
            Assert.Equal(i + 1, rig.Load(task, At + (i * rig.Page)));
        Assert.True(task.Group.MinFlt > faults);
        Assert.Equal(0, task.Group.MajFlt);
    }

    [Fact]
    public void PAGEOUT_without_swap_leaves_everything()
    {
        using var rig = new KernelRig();
        TaskStruct task = rig.Start();
        Fill(rig, task, 20);
        Assert.Equal(Errno.None, Advise(rig, task, At, 20, Advice.PageOut));
        Assert.Equal(20, task.Mm.RssAnon);
        Check(rig, task, 20);
    }

    [Theory]
    [InlineData(Advice.PageOut)]
    [InlineData(Advice.Free)]
    public void Holes_are_passed_over_and_other_mappings_end_it(Advice advice)
    {
        using var rig = new KernelRig(swapAreas: OneArea);
        TaskStruct task = rig.Start();
        Fill(rig, task, 10);
        rig.Call(task, SyscallNr.Munmap, At + (4 * rig.Page), rig.Page);
        Assert.Equal(Errno.ENOMEM, Advise(rig, task, At, 10, advice));
        rig.Map(task, At + (4 * rig.Page), 1, flags: MapFlags.Private | MapFlags.Anonymous | MapFlags.Locked);
        Assert.Equal(Errno.EINVAL, Advise(rig, task, At, 10, advice));
        Assert.Equal(Errno.EINVAL, rig.Call(task, SyscallNr.Madvise, At + 1, rig.Page, (ulong)advice).Errno);
        rig.Map(task, At + (4 * rig.Page), 1, flags: MapFlags.Shared | MapFlags.Anonymous);
        Assert.Equal(advice == Advice.Free ? Errno.EINVAL : Errno.None, Advise(rig, task, At, 10, advice));
    }

    [Fact]
    public void FREE_lets_pages_be_dropped_when_memory_is_short()
    {
        using var rig = new KernelRig(megabytes: 4, vm: KernelRig.PromisesAll, swapAreas: OneArea);
        TaskStruct task = rig.Start();
        Fill(rig, task, 100);
        rig.Load(task, At + (100 * rig.Page));
        Assert.Equal(Errno.None, Advise(rig, task, At, 200, Advice.Free));
        Assert.Equal(100, rig.Memory.Stat[VmEvent.PgLazyFree]);
        Assert.Equal((0L, 100L), (Pages(rig, PageKind.Anon), rig.Memory.Lru!.Count(PageKind.File, active: false)));
        Assert.Equal(400, SmapsField(rig, task, "LazyFree"));
        ulong used = rig.Geometry.Format.Accessed | rig.Geometry.Format.Dirty;
        Assert.Equal(0UL, rig.Entry(task.Mm, At) & used);
        Check(rig, task, 100);
        // One is stored to: it is kept, and goes where others go.
        rig.Store(task, At + (7 * rig.Page), 77);
        Press(rig, task);
        long dropped = rig.Memory.Stat[VmEvent.PgLazyFreed];
        Assert.InRange(dropped, 50, 99);
        for (ulong i = 0; i < 100; i++)
        {
            Assert.True(rig.AccessWaiting(task, At + (i * rig.Page), AccessKind.Read));
            ulong value = rig.Load(task, At + (i * rig.Page));
            Assert.True(value == (i == 7 ? 77 : i + 1) || (i != 7 && value == 0), $"page {i} holds {value}");
            dropped -= value == 0 ? 1 : 0;
        }

        Assert.True(dropped <= 0, $"{dropped} pages were dropped that are there");
    }

    [Fact]
    public void FREE_gives_up_at_once_what_is_in_swap()
    {
        using var rig = new KernelRig(swapAreas: OneArea);
        TaskStruct task = rig.Start();
        Fill(rig, task, 40);
        Advise(rig, task, At, 40, Advice.PageOut);
        rig.CompleteIo();
        Assert.Equal(40, rig.Memory.Swap.TotalSlots - rig.Memory.Swap.FreeSlots);
        // One is back, and still in swap too; nobody else has it.
        Assert.True(rig.AccessWaiting(task, At, AccessKind.Read));
        rig.CompleteIo();
        Assert.NotEqual(PageFlags.None, rig.Memory.Map[rig.FrameAt(task.Mm, At)].Flags & PageFlags.SwapCached);
        Assert.Equal(Errno.None, Advise(rig, task, At, 40, Advice.Free));
        Assert.Equal(0, task.Mm.SwapEntries);
        Assert.Equal(1, rig.Memory.Stat[VmEvent.PgLazyFree]);
        Assert.Equal((1UL, 0UL), (rig.Load(task, At), rig.Load(task, At + rig.Page)));
        Assert.Equal(0, rig.Memory.Swap.TotalSlots - rig.Memory.Swap.FreeSlots);
    }

    [Fact]
    public void FREE_leaves_alone_what_swap_has_for_others_too()
    {
        using var rig = new KernelRig(swapAreas: OneArea);
        TaskStruct task = rig.Start();
        Fill(rig, task, 4);
        Advise(rig, task, At, 4, Advice.PageOut);
        rig.CompleteIo();
        TaskStruct child = rig.Fork(task);
        Assert.True(rig.AccessWaiting(task, At, AccessKind.Read));
        rig.CompleteIo();
        Assert.Equal(Errno.None, Advise(rig, task, At, 4, Advice.Free));
        Assert.Equal(0, rig.Memory.Stat[VmEvent.PgLazyFree]);
        Check(rig, child, 4);
        Assert.Equal((1UL, 0UL), (rig.Load(task, At), rig.Load(task, At + rig.Page)));
    }

    [Fact]
    public void What_two_processes_share_goes_only_from_whom_did_not_store_to_it()
    {
        using var rig = new KernelRig(megabytes: 4, vm: KernelRig.PromisesAll, swapAreas: OneArea);
        TaskStruct task = rig.Start();
        Fill(rig, task, 10);
        TaskStruct child = rig.Fork(task);
        Assert.Equal(Errno.None, Advise(rig, task, At, 10, Advice.Free));
        Assert.Equal(10, rig.Memory.Stat[VmEvent.PgLazyFree]);
        Press(rig, task);
        Check(rig, child, 10);
        Assert.Equal(0, rig.Memory.Stat[VmEvent.PgLazyFreed]);
    }

    [Fact]
    public void Droppable_memory_goes_though_it_was_stored_to()
    {
        using var rig = new KernelRig(megabytes: 4, vm: KernelRig.PromisesAll, swapAreas: OneArea);
        TaskStruct task = rig.Start();
        rig.Map(task, At, 50, flags: MapFlags.Droppable | MapFlags.Anonymous);
        for (ulong i = 0; i < 50; i++)
            rig.Store(task, At + (i * rig.Page), i + 1);
        Assert.Equal((0L, 50L), (Pages(rig, PageKind.Anon), Pages(rig, PageKind.File)));
        Check(rig, task, 50);
        TaskStruct child = rig.Fork(task);
        Assert.Equal(0UL, rig.Load(child, At));
        Press(rig, task);
        long dropped = rig.Memory.Stat[VmEvent.PgLazyFreed];
        Assert.InRange(dropped, 25, 50);
        Assert.Equal(0, task.Mm.SwapEntries - SwappedFar(rig, task));
        for (ulong i = 0; i < 50; i++)
            dropped -= rig.Load(task, At + (i * rig.Page)) == 0 ? 1 : 0;
        Assert.Equal(0, dropped);
    }

    private static void Fill(KernelRig rig, TaskStruct task, ulong pages)
    {
        rig.Map(task, At, Math.Max(pages, 200));
        for (ulong i = 0; i < pages; i++)
            rig.Store(task, At + (i * rig.Page), i + 1);
    }

    private static void Check(KernelRig rig, TaskStruct task, ulong pages)
    {
        for (ulong i = 0; i < pages; i++)
        {
            Assert.True(rig.AccessWaiting(task, At + (i * rig.Page), AccessKind.Read));
            Assert.Equal(i + 1, rig.Load(task, At + (i * rig.Page)));
        }
    }

    // Uses more memory than there is.
    private static void Press(KernelRig rig, TaskStruct task)
    {
        const ulong pages = 1800;
        rig.Map(task, Far, pages);
        for (ulong i = 0; i < pages; i++)
            Assert.True(rig.AccessWaiting(task, Far + (i * rig.Page), AccessKind.Write));
    }

    private static long SwappedFar(KernelRig rig, TaskStruct task)
    {
        long swapped = 0;
        for (ulong i = 0; i < 1800; i++)
            swapped += rig.Geometry.Format.IsSwap(rig.Entry(task.Mm, Far + (i * rig.Page))) ? 1 : 0;
        return swapped;
    }

    private static long Pages(KernelRig rig, PageKind kind) =>
        rig.Memory.Lru!.Count(kind, active: true) + rig.Memory.Lru.Count(kind, active: false);

    private static Errno Advise(KernelRig rig, TaskStruct task, ulong at, ulong pages, Advice advice) =>
        rig.Call(task, SyscallNr.Madvise, at, pages * rig.Page, (ulong)advice).Errno;

    private static long SmapsField(KernelRig rig, TaskStruct task, string field)
    {
        string text = Recording.TextOf(rig.Kernel.Proc, "/proc/self/smaps_rollup", task);
        string line = text.Split('\n').First(l => l.StartsWith(field + ":", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
            System.Globalization.CultureInfo.InvariantCulture);
    }
}
