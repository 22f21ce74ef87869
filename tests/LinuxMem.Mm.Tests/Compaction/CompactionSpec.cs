using LinuxMem.Abi;
using LinuxMem.Arch.Addresses;
using LinuxMem.Arch.Memory;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.PageAlloc;
using LinuxMem.Mm.Proc.Sys;
using LinuxMem.Mm.Stats;
using LinuxMem.Mm.Tasks;
using LinuxMem.Mm.Tests.Support;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Mm.Tests.Compaction;

/// <summary>Free memory that is broken up, and how it is brought together.</summary>
public sealed class CompactionSpec
{
    private const ulong At = KernelRig.Arena;
    private const ulong Pages = 1700;

    [Fact]
    public void The_indexes_are_those_of_debugfs()
    {
        using KernelRig rig = Rig();
        Zone zone = rig.Memory.Allocator.Zones[0];
        // All in one piece, or nearly: any order would succeed.
        Assert.Equal(0, FragmentationIndex.Unusable(zone, 0));
        Assert.Equal(FragmentationIndex.WouldSucceed, FragmentationIndex.External(zone, 10));
        (TaskStruct _, TaskStruct _) = BreakUp(rig);
        long free = zone.FreePages, singles = zone.FreeAreas[0].FreeBlocks;
        long blocks = zone.FreeAreas.Sum(area => area.FreeBlocks);
        Assert.True(singles > 1000);
        long usable = Enumerable.Range(4, 7).Sum(o => zone.FreeAreas[o].FreeBlocks << o);
        Assert.Equal((free - usable) * 1000 / free, FragmentationIndex.Unusable(zone, 4));
        Assert.InRange(FragmentationIndex.Unusable(zone, 4), 600, 1000);
        Assert.Equal(1000 - ((1000 + (free * 1000 / 1024)) / blocks), FragmentationIndex.External(zone, 10));
        string text = SysFiles.Find(ExtfragText.ExtfragPath, rig.Kernel.Proc.Context)!;
        Assert.StartsWith("Node 0, zone      DMA -1.000 ", text, StringComparison.Ordinal);
        Assert.Equal(11, text.Split("Node")[1].Split('.').Length - 1);
        Assert.Matches("^Node 0, zone      DMA 0.000 0.[0-9]{3} ",
            SysFiles.Find(ExtfragText.UnusablePath, rig.Kernel.Proc.Context)!);
    }

    [Fact]
    public void A_block_fails_though_half_of_memory_is_free_until_compaction_has_been_there()
    {
        using KernelRig rig = Rig();
        (TaskStruct keeper, TaskStruct driver) = BreakUp(rig);
        TakeWholeBlocks(rig, driver);
        Assert.Equal(Errno.ENOMEM, Alloc(rig, driver, 1, DriverGfp.Atomic).Errno);
        Assert.True(rig.FreeFrames > 1000);
        string line = rig.Kernel.Log.Lines[^1].Text;
        Assert.Contains(rig.Kernel.Log.Lines, l => l.Text.EndsWith(
            ": page allocation failure: order:4, mode:0x820(GFP_ATOMIC), nodemask=(null),cpuset=/,mems_allowed=0",
            StringComparison.Ordinal));
        Assert.Contains("pages hwpoisoned", line, StringComparison.Ordinal);
        TrapOutcome outcome = rig.Trap(driver, Request(20, DriverGfp.Kernel));
        Assert.Equal(TrapAction.Block, outcome.Action);
        for (int i = 0; i < 60 && driver.State != TaskState.Runnable; i++)
        {
            rig.Compact(3);
            if (driver.State == TaskState.Runnable)
                outcome = rig.Trap(driver, Request(20, DriverGfp.Kernel));
            if (outcome.Action == TrapAction.Resume)
                break;
        }

        Assert.Equal((20, Errno.None), (driver.Result.Value, driver.Result.Errno));
        Assert.True(rig.Memory.Stat[VmEvent.PgMigrateSuccess] > 100);
        Assert.True(rig.Memory.Stat[VmEvent.CompactStall] > 0);
        Assert.True(rig.Memory.Stat[VmEvent.CompactSuccess] > 0);
        CheckContents(rig, keeper);
    }

    [Fact]
    public void Compact_memory_moves_pages_with_contents_bits_and_mappings()
    {
        using KernelRig rig = Rig();
        (TaskStruct keeper, TaskStruct driver) = BreakUp(rig);
        TaskStruct child = rig.Fork(keeper);
        ulong shared = rig.Map(driver, At + (2 * Pages * rig.Page), 8, flags: MapFlags.Shared | MapFlags.Anonymous);
        for (ulong i = 0; i < 8; i++)
            rig.Store(driver, shared + (i * rig.Page), 900 + i);
        var before = new Dictionary<ulong, ulong>();
        for (ulong i = 0; i < Pages; i++)
            before[i] = BitsOf(rig, keeper, i);
        long tables = rig.Memory.Stat[VmEvent.NrPageTablePages], anon = rig.Memory.Stat[VmEvent.NrAnonPages];
        Compact(rig, driver);
        Assert.True(rig.Memory.Stat[VmEvent.PgMigrateSuccess] > 500);
        Assert.Equal((tables, anon), (rig.Memory.Stat[VmEvent.NrPageTablePages], rig.Memory.Stat[VmEvent.NrAnonPages]));
        Zone zone = rig.Memory.Allocator.Zones[0];
        Assert.InRange(FragmentationIndex.Unusable(zone, 4), 0, 300);
        for (ulong i = 0; i < Pages; i++)
        {
            Assert.Equal(before[i], BitsOf(rig, keeper, i));
            Pfn page = rig.FrameAt(keeper.Mm, At + (i * rig.Page));
            Assert.Equal(page, rig.FrameAt(child.Mm, At + (i * rig.Page)));
            Assert.Equal((2, 2, 2), (rig.Memory.Map[page].MapCount, rig.Memory.Map[page].RefCount,
                rig.Kernel.Rmap.Count(page)));
        }

        CheckContents(rig, keeper);
        CheckContents(rig, child);
        for (ulong i = 0; i < 8; i++)
            Assert.Equal(900 + i, rig.Load(driver, shared + (i * rig.Page)));
    }

    [Fact]
    public void Pinned_pages_and_page_tables_stay_where_they_are()
    {
        using KernelRig rig = Rig();
        (TaskStruct keeper, TaskStruct driver) = BreakUp(rig);
        Pfn[] pinned = [.. Enumerable.Range(0, 20).Select(i => rig.FrameAt(keeper.Mm, At + ((ulong)i * 9 * rig.Page)))];
        foreach (Pfn page in pinned)
            rig.Memory.Map[page].RefCount++;
        Pfn table = rig.Memory.Tables.Find(keeper.Mm, At).Table;
        Compact(rig, driver);
        for (int i = 0; i < pinned.Length; i++)
            Assert.Equal(pinned[i], rig.FrameAt(keeper.Mm, At + ((ulong)i * 9 * rig.Page)));
        Assert.Equal(table, rig.Memory.Tables.Find(keeper.Mm, At).Table);
        Assert.True(rig.Memory.Stat[VmEvent.PgMigrateSuccess] > 300);
        foreach (Pfn page in pinned)
            rig.Memory.Map[page].RefCount--;
    }

    [Fact]
    public void Pages_of_files_move_and_the_page_cache_has_them()
    {
        using KernelRig rig = Rig();
        TaskStruct task = rig.Start();
        rig.Map(task, At, 64, ProtFlags.Read, MapFlags.Private, "/lib/x");
        for (ulong i = 0; i < 64; i++)
            rig.Load(task, At + (i * rig.Page));
        var frames = Enumerable.Range(0, 64).Select(i => rig.FrameAt(task.Mm, At + ((ulong)i * rig.Page))).ToArray();
        Compact(rig, task);
        int moved = 0;
        for (uint i = 0; i < 64; i++)
        {
            Pfn page = rig.FrameAt(task.Mm, At + (i * rig.Page));
            moved += page == frames[i] ? 0 : 1;
            Assert.Equal(FramePlace.File, rig.Memory.Map[page].Place);
            uint[] cached = new uint[1];
            rig.Cache.Lookup(rig.Memory.Map[page].Owner, i, cached);
            Assert.Equal(page.Value, cached[0]);
        }

        Assert.True(moved > 0);
        rig.Exit(task);
        rig.FreeReady();
    }

    [Fact]
    public void Kcompactd_mends_what_an_atomic_allocation_did_not_get()
    {
        using KernelRig rig = Rig();
        (TaskStruct keeper, TaskStruct driver) = BreakUp(rig);
        TakeWholeBlocks(rig, driver);
        Assert.Equal(1, rig.Memory.Stat[VmEvent.CompactDaemonWake]);
        rig.Compact(50);
        Assert.True(rig.Memory.Stat[VmEvent.CompactDaemonMigrateScanned] > 0);
        Assert.Equal(1, Alloc(rig, driver, 1, DriverGfp.Atomic).Value);
        CheckContents(rig, keeper);
    }

    [Fact]
    public void What_a_driver_holds_is_freed_by_name_and_with_its_process()
    {
        using KernelRig rig = Rig();
        TaskStruct driver = rig.Start();
        rig.Memory.Allocator.DrainAll();
        long free = rig.FreeFrames;
        Assert.Equal(6, Alloc(rig, driver, 6, DriverGfp.Kernel).Value);
        Assert.Equal(free - 96, rig.FreeFrames);
        Assert.Equal(3, Free(rig, driver, every: 2).Value);
        Assert.Equal(free - 48, rig.FreeFrames);
        Assert.Equal(Errno.ENOENT, rig.Call(driver, DriverCalls.Free, 1, file: "other").Errno);
        Assert.Equal(Errno.EINVAL, rig.Call(driver, DriverCalls.Allocate, 11, 1, file: "x").Errno);
        rig.Exit(driver);
        Assert.True(rig.FreeFrames >= free);
    }

    private static SyscallRequest Request(ulong count, DriverGfp gfp) => new()
    {
        Nr = DriverCalls.Allocate,
        A0 = 4,
        A1 = count,
        A2 = (ulong)gfp,
        File = "blocks",
    };

    private static SyscallResult Alloc(KernelRig rig, TaskStruct task, ulong count, DriverGfp gfp)
    {
        rig.Trap(task, Request(count, gfp));
        return task.Result;
    }

    private static SyscallResult Free(KernelRig rig, TaskStruct task, ulong every) =>
        rig.Call(task, DriverCalls.Free, every, file: "blocks");

    private static void TakeWholeBlocks(KernelRig rig, TaskStruct driver)
    {
        rig.Trap(driver, new SyscallRequest
        {
            Nr = DriverCalls.Allocate,
            A0 = 4,
            A1 = 1000,
            A2 = (ulong)DriverGfp.Atomic,
            File = "whole",
        });
        Assert.Equal(Errno.ENOMEM, driver.Result.Errno);
    }

    private static void Compact(KernelRig rig, TaskStruct task)
    {
        rig.Kernel.Compactor.Wait(task, -1);
        rig.Compact(100);
        Assert.Equal(TaskState.Runnable, task.State);
    }

    // Two processes get their frames by turns, and one ends: between any two frames of the other is a free one.
    private static (TaskStruct Keeper, TaskStruct Driver) BreakUp(KernelRig rig)
    {
        TaskStruct keeper = rig.Start(), leaver = rig.Start(), driver = rig.Start();
        rig.Map(keeper, At, Pages);
        rig.Map(leaver, At, Pages);
        for (ulong i = 0; i < Pages; i++)
        {
            rig.Store(keeper, At + (i * rig.Page), 7 * i);
            rig.Store(leaver, At + (i * rig.Page), i);
        }

        rig.Exit(leaver);
        rig.FreeReady();
        rig.Memory.Allocator.DrainAll();
        return (keeper, driver);
    }

    private static void CheckContents(KernelRig rig, TaskStruct task)
    {
        for (ulong i = 0; i < Pages; i++)
            Assert.Equal(7 * i, rig.Load(task, At + (i * rig.Page)));
    }

    private static ulong BitsOf(KernelRig rig, TaskStruct task, ulong page) =>
        rig.Entry(task.Mm, At + (page * rig.Page)) & ~rig.Geometry.Format.PfnMask;

    private static KernelRig Rig() => new(megabytes: 16, contents: ContentMode.Bytes,
        vm: new VmSettings { PcpHighPages = 0, MinFreeKbytes = 128 });
}
