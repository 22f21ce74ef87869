using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.PageAlloc;
using LinuxMem.Simulation.Random;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Mm.Tests.PageAlloc;

/// <summary>The allocator of Linux 2.0: its rule, its orders, its one list an order.</summary>
public sealed class ClassicAllocatorSpec
{
    private const uint Frames = 4096;

    [Theory]
    [InlineData(1024, 16), InlineData(2048, 16), InlineData(4096, 32), InlineData(16384, 128)]
    public void The_reserve_is_a_128th_of_memory_and_at_least_16_pages(uint frames, long min)
    {
        using Machine machine = Classic(frames);
        Zone zone = Assert.Single(machine.Allocator.Zones);
        Assert.Equal(new Watermarks(min, min * 3 / 2, min * 2, min * 2), zone.Watermarks);
        Assert.Equal(5, zone.MaxOrder);
        Assert.Equal(6, zone.FreeAreas.Count);
    }

    [Theory]
    [InlineData(GfpFlags.HighUserMovable, 32), InlineData(GfpFlags.Kernel, 32), InlineData(GfpFlags.None, 32)]
    [InlineData(GfpFlags.Kernel | GfpFlags.MemAlloc, 5), InlineData(GfpFlags.Atomic, 0)]
    public void Each_priority_leaves_its_own_reserve(GfpFlags gfp, long left)
    {
        using Machine machine = Classic();
        while (!machine.Alloc(gfp: gfp).IsNone)
        {
        }

        Assert.Equal(left, machine.Allocator.FreePagesTotal);
    }

    [Fact]
    public void The_rule_looks_at_free_pages_and_not_at_the_order()
    {
        using Machine machine = Classic();
        var taken = new List<Pfn>();
        while (machine.Alloc(gfp: GfpFlags.Atomic) is { IsNone: false } pfn)
            taken.Add(pfn);
        // Every other page is free: plenty of them, and no two together.
        foreach (Pfn pfn in taken.Where(pfn => pfn.Value % 2 == 1))
            machine.Free(pfn);
        Assert.True(machine.Allocator.FreePagesTotal > 2000);
        Assert.True(machine.Alloc(order: 1).IsNone);
        Assert.False(machine.Alloc(order: 0).IsNone);
        // One above the reserve, and a block of 32 pages may be taken, though it goes far below it.
        using Machine other = Classic();
        while (other.Allocator.FreePagesTotal > 33)
            other.Alloc();
        Assert.False(other.Alloc(order: 4).IsNone);
        Assert.Equal(17, other.Allocator.FreePagesTotal);
    }

    [Fact]
    public void There_is_no_block_of_more_than_32_pages()
    {
        using Machine machine = Classic();
        Assert.False(machine.Alloc(order: 5).IsNone);
        Assert.True(machine.Alloc(order: 6).IsNone);
        Assert.All(machine.FreeBlocks(), block => Assert.InRange(block.Order, 0, 5));
    }

    [Fact]
    public void Of_a_block_that_is_split_the_lower_half_stays_free()
    {
        using Machine machine = Classic(65);
        // Frames 1 to 63 are blocks of orders 0 to 5, and frame 64 is one by itself.
        Pfn[] singles = [machine.Alloc(gfp: GfpFlags.Atomic), machine.Alloc(gfp: GfpFlags.Atomic)];
        Assert.Equal([1u, 64u], singles.Select(p => p.Value).Order());
        Assert.Equal(new Pfn(3), machine.Alloc(gfp: GfpFlags.Atomic));
        Assert.Equal(new Pfn(2), machine.Alloc(gfp: GfpFlags.Atomic));
        Assert.Equal(new Pfn(7), machine.Alloc(gfp: GfpFlags.Atomic));
    }

    [Fact]
    public void Pages_go_straight_back_and_find_their_buddies()
    {
        using Machine machine = Classic(cpus: 2);
        List<(uint, int)> atBoot = machine.FreeBlocks();
        Pfn pfn = machine.Alloc(cpu: 1);
        Assert.Equal(ClassicRule.InitialAge, machine.Map[pfn].Age);
        machine.Free(pfn, cpu: 1);
        Assert.Equal(atBoot, machine.FreeBlocks());
        Assert.All(machine.Allocator.Zones[0].PerCpuPages, list => Assert.Equal(0, list.Count));
    }

    [Fact]
    public void Kswapd_is_called_below_one_and_a_half_reserves_and_works_up_to_two()
    {
        using Machine machine = Classic();
        while (machine.Allocator.FreePagesTotal > 48)
            machine.Alloc();
        Assert.False(machine.Allocator.IsBelowLow);
        Assert.Equal(16, machine.Allocator.PagesBelowHigh);
        machine.Alloc();
        Assert.True(machine.Allocator.IsBelowLow);
    }

    [Fact]
    public void Random_blocks_agree_with_a_bitmap_and_all_merge_again()
    {
        for (ulong seed = 1; seed <= 20; seed++)
        {
            using Machine machine = Classic(frames: 700 + (uint)seed);
            List<(uint, int)> atBoot = machine.FreeBlocks();
            var random = new RandomStream(seed);
            var blocks = new List<(Pfn Pfn, int Order)>();
            for (int i = 0; i < 600; i++)
            {
                int order = (int)random.Below(6);
                if (random.Percent(55) && machine.Alloc(order, GfpFlags.Atomic) is { IsNone: false } pfn)
                    blocks.Add((pfn, order));
                else if (blocks.Count > 0)
                    FreeOne(machine, blocks, (int)random.Below((ulong)blocks.Count));
                if (i % 50 == 0)
                    Check(machine, blocks);
            }

            while (blocks.Count > 0)
                FreeOne(machine, blocks, 0);
            Assert.Equal(atBoot, machine.FreeBlocks());
        }
    }

    private static void FreeOne(Machine machine, List<(Pfn Pfn, int Order)> blocks, int at)
    {
        machine.Free(blocks[at].Pfn, blocks[at].Order);
        blocks.RemoveAt(at);
    }

    private static void Check(Machine machine, List<(Pfn Pfn, int Order)> blocks)
    {
        var used = new SortedSet<uint>();
        foreach ((Pfn pfn, int order) in blocks)
        {
            Assert.Equal(0u, pfn.Value & ((1u << order) - 1));
            for (uint i = 0; i < 1u << order; i++)
                Assert.True(used.Add(pfn.Value + i), $"frame {pfn + i} is in two blocks");
        }

        List<(uint Pfn, int Order)> free = machine.FreeBlocks();
        foreach ((uint pfn, int order) in free)
        {
            Assert.DoesNotContain((pfn ^ (1u << order), order == 5 ? -1 : order), free);
            for (uint i = 0; i < 1u << order; i++)
                Assert.True(used.Add(pfn + i), $"frame {pfn + i} is free and used");
        }

        Assert.Equal(machine.Map.FrameCount - 1, (uint)used.Count);
    }

    private static Machine Classic(uint frames = Frames, int cpus = 1) =>
        new(frames, cpus, era: KernelEra.Classic);
}
