using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.PageAlloc;
using LinuxMem.Mm.Stats;
using LinuxMem.Simulation;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Mm.Tests.PageAlloc;

public class PageAllocatorSpec
{
    [Fact]
    public void Boot_frees_everything_but_frame_0_in_the_largest_aligned_blocks()
    {
        using var machine = new Machine(5000, vm: Machine.Bare);
        Assert.Equal(4999, machine.Allocator.FreePagesTotal);
        Assert.Equal(FramePlace.Reserved, machine.Map[Pfn.None].Place);
        Assert.Equal(
            [
                (1, 0), (2, 1), (4, 2), (8, 3), (16, 4), (32, 5), (64, 6), (128, 7), (256, 8), (512, 9), (1024, 10),
                (2048, 10), (3072, 10), (4096, 9), (4608, 8), (4864, 7), (4992, 3),
            ],
            machine.FreeBlocks());
        AllocatorChecker.Check(machine, []);
    }

    [Fact]
    public void Allocation_splits_the_smallest_block_that_fits_and_leaves_the_upper_halves_free()
    {
        using var machine = new Machine(1025, vm: Machine.Bare);
        Pfn pfn = machine.Alloc(order: 4);
        Assert.Equal(new Pfn(16), pfn);
        Assert.DoesNotContain((16u, 4), machine.FreeBlocks());
        pfn = machine.Alloc(order: 4);
        Assert.Equal(new Pfn(32), pfn);
        Assert.Contains((48u, 4), machine.FreeBlocks());
        Assert.DoesNotContain((32u, 5), machine.FreeBlocks());
    }

    [Fact]
    public void Freeing_a_block_coalesces_with_its_free_buddies_up_to_the_largest_order()
    {
        using var machine = new Machine(4096, vm: Machine.Bare);
        List<(uint, int)> atBoot = machine.FreeBlocks();
        var pages = new List<Pfn>();
        while (machine.Alloc() is { IsNone: false } pfn)
            pages.Add(pfn);
        Assert.Equal(4095, pages.Count);
        Assert.Equal(0, machine.Allocator.FreePagesTotal);
        foreach (Pfn pfn in pages)
            machine.Free(pfn);
        machine.Allocator.DrainAll();
        Assert.Equal(atBoot, machine.FreeBlocks());
        Assert.Equal(4095, machine.Stat[VmEvent.PgAllocDma]);
        Assert.Equal(4095, machine.Stat[VmEvent.PgFree]);
    }

    [Fact]
    public void A_new_frame_has_one_reference_a_new_generation_and_nothing_of_its_last_owner()
    {
        using var machine = new Machine(64, vm: Machine.Bare);
        Pfn pfn = machine.Alloc(place: FramePlace.Anon);
        ref PageFrame frame = ref machine.Map[pfn];
        Assert.Equal((1, 0, FramePlace.Anon), (frame.RefCount, frame.MapCount, frame.Place));
        Assert.Equal(1, frame.Generation);
        frame.Owner = 5;
        frame.Index = 6;
        frame.Age = 7;
        frame.Flags = PageFlags.Dirty | PageFlags.Referenced | PageFlags.SwapBacked;
        machine.Free(pfn);
        Assert.Equal(pfn, machine.Alloc(place: FramePlace.PageTable));
        Assert.Equal((1, 0, FramePlace.PageTable), (frame.RefCount, frame.MapCount, frame.Place));
        Assert.Equal(2, frame.Generation);
        Assert.Equal((0, 0u, (byte)0, PageFlags.None), (frame.Owner, frame.Index, frame.Age, frame.Flags));
    }

    [Fact]
    public void Freeing_twice_is_a_bug_wherever_the_frame_is_by_then()
    {
        using var machine = new Machine(4096, vm: new VmSettings { MinFreeKbytes = 0 });
        Pfn pfn = machine.Alloc();
        machine.Free(pfn);
        Assert.StartsWith("I01:", Assert.Throws<KernelBug>(() => machine.Free(pfn)).Message);
        machine.Allocator.DrainAll();
        Assert.StartsWith("I01:", Assert.Throws<KernelBug>(() => machine.Free(pfn)).Message);

        Pfn block = machine.Alloc(order: 5);
        machine.Free(block, order: 5);
        Assert.StartsWith("I01:", Assert.Throws<KernelBug>(() => machine.Free(block, order: 5)).Message);
        Assert.StartsWith("I01:", Assert.Throws<KernelBug>(() => machine.Free(new Pfn(1), order: 0)).Message);
    }

    [Theory]
    [InlineData(2, 1)]
    [InlineData(2, 3)]
    [InlineData(0, 1)]
    [InlineData(6, 0)]
    public void Freeing_with_the_wrong_order_is_a_bug(int allocated, int freed)
    {
        using var machine = new Machine(1024, vm: Machine.Bare);
        Pfn pfn;
        do
            pfn = machine.Alloc(allocated);
        while ((pfn.Value & ((1u << freed) - 1)) != 0);
        Assert.StartsWith("I01:", Assert.Throws<KernelBug>(() => machine.Free(pfn, freed)).Message);
    }

    [Fact]
    public void Freeing_a_part_of_a_block_is_a_bug()
    {
        using var machine = new Machine(1024, vm: Machine.Bare);
        Pfn pfn = machine.Alloc(order: 2);
        Assert.StartsWith("I01:", Assert.Throws<KernelBug>(() => machine.Free(pfn + 1)).Message);
        Assert.StartsWith("I04:", Assert.Throws<KernelBug>(() => machine.Free(pfn + 1, order: 1)).Message);
    }

    [Fact]
    public void Freeing_a_frame_that_is_in_use_or_is_none_is_a_bug()
    {
        using var machine = new Machine(64, vm: Machine.Bare);
        Pfn pfn = machine.Alloc();
        Action free = () => machine.Allocator.FreePages(0, pfn, Order.Zero, out _);
        Assert.StartsWith("I03:", Assert.Throws<KernelBug>(free).Message);
        machine.Map[pfn].RefCount = 0;
        machine.Map[pfn].MapCount = 1;
        Assert.StartsWith("I03:", Assert.Throws<KernelBug>(free).Message);
        machine.Map[pfn].MapCount = 0;
        machine.Map[pfn].Flags = PageFlags.Lru;
        Assert.StartsWith("I03:", Assert.Throws<KernelBug>(free).Message);
        Assert.StartsWith("I04:", Assert.Throws<KernelBug>(() => machine.Free(Pfn.None)).Message);
        Assert.StartsWith("I04:", Assert.Throws<KernelBug>(() => machine.Free(new Pfn(64))).Message);
    }

    [Fact]
    public void Allocating_a_frame_that_somebody_still_counts_is_a_bug()
    {
        using var machine = new Machine(64, vm: Machine.Bare);
        Pfn pfn = machine.Alloc();
        machine.Free(pfn);
        machine.Map[pfn].MapCount = 1;
        Assert.StartsWith("I08:", Assert.Throws<KernelBug>(() => machine.Alloc()).Message);
    }

    [Fact]
    public void Zones_are_used_from_the_highest_down_and_a_lowmem_reserve_stays()
    {
        using var machine = new Machine((1 << 20) + 2048, vm: Machine.Bare);
        for (int i = 0; i < 63; i++)
            Assert.Equal(ZoneType.Normal, machine.Allocator.ZoneOf(machine.Alloc(order: 5)).Type);

        // Normal has 32 pages left and a low watermark of 2: all of them at once would leave too few.
        Assert.Equal(ZoneType.Dma32, machine.Allocator.ZoneOf(machine.Alloc(order: 5)).Type);
        while (machine.Alloc(order: 10) is { IsNone: false } pfn)
            Assert.Equal(ZoneType.Dma32, machine.Allocator.ZoneOf(pfn).Type);

        // What is left of DMA is reserved for those who can use nothing else: (DMA32 + Normal) / 256 = 4,088 of 4,095
        // pages.
        Assert.Equal(4095, machine.Allocator.Zones[0].FreePages);
        Assert.Equal(ZoneType.Dma, machine.Allocator.ZoneOf(machine.Alloc(order: 9, GfpFlags.Dma)).Type);
        Assert.Equal(ZoneType.Dma, machine.Allocator.ZoneOf(machine.Alloc(gfp: GfpFlags.Dma)).Type);
    }

    [Fact]
    public void Gfp_flags_bound_the_zone()
    {
        using var machine = new Machine((1 << 20) + 2048, vm: Machine.Bare);
        Assert.Equal(ZoneType.Normal, machine.Allocator.ZoneOf(machine.Alloc(gfp: GfpFlags.Kernel)).Type);
        Assert.Equal(ZoneType.Dma32, machine.Allocator.ZoneOf(machine.Alloc(gfp: GfpFlags.Dma32)).Type);
        Assert.Equal(ZoneType.Dma, machine.Allocator.ZoneOf(machine.Alloc(gfp: GfpFlags.Dma)).Type);
        VmStat stat = machine.Stat;
        Assert.Equal(
            (1L, 1L, 1L), (stat[VmEvent.PgAllocDma], stat[VmEvent.PgAllocDma32], stat[VmEvent.PgAllocNormal]));
    }

    [Theory]
    // min is 100 pages. (100 - 50 = 50; 50 - 12 = 38.) An allocation needs more than the mark to be free before it.
    [InlineData(GfpFlags.HighUserMovable, 100)]
    [InlineData(GfpFlags.Kernel | GfpFlags.High, 50)]
    [InlineData(GfpFlags.Atomic, 38)]
    [InlineData(GfpFlags.None, 100)]
    [InlineData(GfpFlags.Kernel | GfpFlags.MemAlloc, 0)]
    public void An_allocation_succeeds_only_while_its_watermark_holds(GfpFlags gfp, long leaves)
    {
        using var machine = new Machine(4096, vm: new VmSettings { MinFreeKbytes = 400, PcpHighPages = 0 });
        while (!machine.Alloc(gfp: gfp).IsNone)
        {
        }

        Assert.Equal(leaves, machine.Allocator.FreePagesTotal);
    }

    [Fact]
    public void A_block_counts_in_full_against_the_watermark()
    {
        using var machine = new Machine(4096, vm: new VmSettings { MinFreeKbytes = 400, PcpHighPages = 0 });
        long before = 0;
        while (!machine.Alloc(order: 4).IsNone)
            before = machine.Allocator.FreePagesTotal;
        // The last block that was given left more than min - 1 pages: free - 15 > 100 held before it.
        Assert.InRange(before, 100, 115);
    }

    [Fact]
    public void Below_the_low_watermark_the_cost_says_that_kswapd_would_wake()
    {
        using var machine = new Machine(4096, vm: new VmSettings { MinFreeKbytes = 400, PcpHighPages = 0 });
        while (machine.Allocator.FreePagesTotal > 125)
        {
            machine.Allocator.AllocPages(0, GfpFlags.Kernel, Order.Zero, FramePlace.Kernel, out AllocCost cost);
            Assert.False(cost.BelowLowWatermark);
        }

        Pfn pfn = machine.Allocator.AllocPages(0, GfpFlags.Kernel, Order.Zero, FramePlace.Kernel, out AllocCost below);
        Assert.False(pfn.IsNone);
        Assert.True(below.BelowLowWatermark);
    }

    [Fact]
    public void Impossible_machines_and_settings_are_the_users_mistakes()
    {
        Assert.Throws<ConfigurationException>(() => new MemMap(0));
        Assert.Throws<ConfigurationException>(() => new Machine(1));
        Assert.Throws<ConfigurationException>(() => new Machine(64, cpus: 0));
        var vm = new VmSettings { MinFreeKbytes = -1, WatermarkScaleFactor = 0, PcpHighPages = -1 };
        Assert.Equal(3, Assert.Throws<ConfigurationException>(() => new Machine(64, vm: vm)).Messages.Count);
    }

    [Fact]
    public void The_smallest_machine_has_one_page()
    {
        using var machine = new Machine(2, vm: Machine.Bare);
        Assert.Equal(new Pfn(1), machine.Alloc());
        Assert.True(machine.Alloc().IsNone);
    }

    [Fact]
    public void Pages_of_8_KiB_have_zones_at_the_same_addresses()
    {
        using var machine = new Machine(1 << 20, pageShift: 13);
        Assert.Equal([2048u, 524_288u, 1_048_576u], machine.Allocator.Zones.Select(z => z.EndPfn.Value));
    }
}
