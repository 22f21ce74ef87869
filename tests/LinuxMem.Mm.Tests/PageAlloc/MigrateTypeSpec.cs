using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.PageAlloc;

namespace LinuxMem.Mm.Tests.PageAlloc;

public class MigrateTypeSpec
{
    [Fact]
    public void All_memory_is_movable_at_boot()
    {
        using var machine = new Machine(4096, vm: Machine.Bare);
        machine.Allocator.VisitFreeBlocks((_, _, type, _) => Assert.Equal(MigrateType.Movable, type));
    }

    [Fact]
    public void The_first_unmovable_page_claims_the_pageblocks_of_the_largest_block()
    {
        using var machine = new Machine(4096, vm: Machine.Bare);
        Pfn pfn = machine.Alloc(gfp: GfpFlags.Kernel, place: FramePlace.PageTable);
        Assert.Equal(new Pfn(1024), pfn);
        Assert.Equal(MigrateType.Unmovable, machine.Allocator.PageblockTypeOf(new Pfn(1024)));
        Assert.Equal(MigrateType.Unmovable, machine.Allocator.PageblockTypeOf(new Pfn(2047)));
        Assert.Equal(MigrateType.Movable, machine.Allocator.PageblockTypeOf(new Pfn(2048)));
        Assert.Equal(new Pfn(1025), machine.Alloc(gfp: GfpFlags.Kernel, place: FramePlace.PageTable));
        Assert.Equal(2, machine.Allocator.Zones[0].FreeAreas[10].Count(MigrateType.Movable));
        AllocatorChecker.Check(machine, [1024, 1025]);
    }

    [Fact]
    public void A_small_free_block_is_claimed_when_half_of_its_pageblock_is_not_movable()
    {
        // One pageblock, fully used by the kernel's pages but typed movable; a few of them are free again.
        using var machine = new Machine(1024, vm: Machine.Bare);
        List<Pfn> taken = TakeAll(machine, GfpFlags.HighUserMovable, FramePlace.Kernel);
        Pfn[] free = [new(600), new(602)];
        foreach (Pfn pfn in free)
            machine.Free(pfn);
        Assert.Equal(free[0], machine.Alloc(gfp: GfpFlags.Kernel, place: FramePlace.Kernel));
        Assert.Equal(MigrateType.Unmovable, machine.Allocator.PageblockTypeOf(free[0]));
        Assert.Equal(MigrateType.Movable, machine.Allocator.PageblockTypeOf(new Pfn(511)));
        Assert.Equal(1, machine.Allocator.Zones[0].FreeAreas[0].Count(MigrateType.Unmovable));
        taken.Remove(free[1]);
        AllocatorChecker.Check(machine, taken.ConvertAll(p => p.Value));
    }

    [Fact]
    public void A_small_free_block_among_movable_pages_is_stolen_and_the_pageblock_keeps_its_type()
    {
        using var machine = new Machine(1024, vm: Machine.Bare);
        List<Pfn> taken = TakeAll(machine, GfpFlags.HighUserMovable, FramePlace.Anon);
        var free = new Pfn(602);
        machine.Free(free);
        Assert.Equal(free, machine.Alloc(gfp: GfpFlags.Kernel, place: FramePlace.Kernel));
        Assert.Equal(MigrateType.Movable, machine.Allocator.PageblockTypeOf(free));
        AllocatorChecker.Check(machine, taken.ConvertAll(p => p.Value));
    }

    [Fact]
    public void Every_type_can_use_the_last_page_of_any_other()
    {
        GfpFlags[] types =
            [GfpFlags.Kernel, GfpFlags.HighUserMovable, GfpFlags.Kernel | GfpFlags.Reclaimable];
        foreach (GfpFlags first in types)
        {
            foreach (GfpFlags second in types)
            {
                using var machine = new Machine(2048, vm: Machine.Bare);
                for (int i = 0; i < 1000; i++)
                    Assert.False(machine.Alloc(gfp: first).IsNone);
                for (int i = 1000; i < 2047; i++)
                    Assert.False(machine.Alloc(gfp: second).IsNone);
                Assert.True(machine.Alloc(gfp: second).IsNone);
            }
        }
    }

    [Fact]
    public void Unmovable_pages_go_to_a_lower_zone_before_they_break_into_movable_pageblocks()
    {
        using var machine = new Machine((1 << 20) + 512, vm: Machine.Bare);
        Assert.Equal(ZoneType.Normal, machine.Allocator.ZoneOf(machine.Alloc()).Type);
        Pfn pfn = machine.Alloc(gfp: GfpFlags.Kernel, place: FramePlace.PageTable);
        Assert.Equal(ZoneType.Dma32, machine.Allocator.ZoneOf(pfn).Type);
    }

    private static List<Pfn> TakeAll(Machine machine, GfpFlags gfp, FramePlace place)
    {
        var taken = new List<Pfn>();
        while (machine.Alloc(gfp: gfp, place: place) is { IsNone: false } pfn)
            taken.Add(pfn);
        return taken;
    }
}
