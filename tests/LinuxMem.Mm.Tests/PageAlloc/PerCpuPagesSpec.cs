using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.PageAlloc;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Mm.Tests.PageAlloc;

public class PerCpuPagesSpec
{
    [Fact]
    public void An_empty_list_is_refilled_with_a_batch_under_the_zone_lock_and_then_serves_without_it()
    {
        using var machine = new Machine(1 << 20, cpus: 2);
        PerCpuPages pcp = machine.Allocator.Zones[1].PerCpuPages[0];
        long free = machine.Allocator.FreePagesTotal;
        Assert.Equal(63, pcp.Batch);
        Assert.True(CostOfAlloc(machine, 0).ZoneLockTaken);
        Assert.Equal(62, pcp.Count);
        Assert.Equal(free - 63, machine.Allocator.FreePagesTotal);
        for (int i = 0; i < 62; i++)
            Assert.False(CostOfAlloc(machine, 0).ZoneLockTaken);
        Assert.Equal(0, machine.Allocator.Zones[1].PerCpuPages[1].Count);
        Assert.Equal(free - 63, machine.Allocator.FreePagesTotal);
    }

    [Fact]
    public void Refills_double_while_nothing_is_freed()
    {
        using var machine = new Machine(1 << 20);
        PerCpuPages pcp = machine.Allocator.Zones[1].PerCpuPages[0];
        var refills = new List<int>();
        while (refills.Count < 7)
        {
            if (CostOfAlloc(machine, 0).ZoneLockTaken)
                refills.Add(pcp.Count + 1);
        }

        Assert.Equal([63, 126, 252, 504, 1008, 2016, 2016], refills);
    }

    [Fact]
    public void The_page_freed_last_is_the_next_one_taken()
    {
        using var machine = new Machine(4096);
        Pfn first = machine.Alloc();
        Pfn second = machine.Alloc();
        machine.Free(first);
        machine.Free(second);
        Assert.Equal(second, machine.Alloc());
        Assert.Equal(first, machine.Alloc());
    }

    [Fact]
    public void Pages_above_the_limit_go_back_to_the_zone_the_coldest_first()
    {
        using var machine = new Machine(1 << 20, vm: new VmSettings { PcpHighPages = 400 });
        PerCpuPages pcp = machine.Allocator.Zones[1].PerCpuPages[0];
        var pages = new List<Pfn>();
        for (int i = 0; i < 2000; i++)
            pages.Add(machine.Alloc());
        int count = pcp.Count;
        int returns = 0;
        foreach (Pfn pfn in pages)
        {
            machine.Map[pfn].RefCount = 0;
            machine.Allocator.FreePages(0, pfn, Order.Zero, out AllocCost cost);
            returns += cost.ZoneLockTaken ? 1 : 0;
            Assert.InRange(pcp.Count, 0, 400);
        }

        Assert.InRange(returns, 1, 40);
        Assert.InRange(count, 0, 400);
        Assert.Equal(FramePlace.PerCpuList, machine.Map[pages[^1]].Place);
        Assert.NotEqual(FramePlace.PerCpuList, machine.Map[pages[0]].Place);
    }

    [Fact]
    public void The_limit_grows_with_allocation_and_decays_to_its_minimum()
    {
        using var machine = new Machine(1 << 20);
        PerCpuPages pcp = machine.Allocator.Zones[1].PerCpuPages[0];
        var pages = new List<Pfn>();
        for (int i = 0; i < 100_000; i++)
            pages.Add(machine.Alloc());
        Assert.InRange(pcp.High, pcp.HighMin + 1, pcp.HighMax);
        foreach (Pfn pfn in pages)
            machine.Free(pfn);
        int held = pcp.Count;
        Assert.InRange(held, pcp.HighMin + 1, pcp.HighMax);
        for (int i = 0; i < 100; i++)
            machine.Allocator.DecayCpu(0);
        Assert.Equal(pcp.HighMin, pcp.High);
        Assert.InRange(pcp.Count, 0, pcp.HighMin);
        AllocatorChecker.Check(machine, []);
    }

    [Fact]
    public void Draining_returns_everything_of_one_cpu_or_of_all()
    {
        using var machine = new Machine(65_536, cpus: 2);
        for (int cpu = 0; cpu < 2; cpu++)
        {
            for (int order = 0; order <= 3; order++)
                machine.Free(machine.Alloc(order, cpu: cpu), order, cpu);
        }

        Zone zone = machine.Allocator.Zones[1];
        Assert.All(zone.PerCpuPages, pcp => Assert.True(pcp.Count > 0));
        machine.Allocator.DrainCpu(0);
        Assert.Equal(0, zone.PerCpuPages[0].Count);
        Assert.True(zone.PerCpuPages[1].Count > 0);
        machine.Allocator.DrainAll();
        Assert.Equal(machine.Allocator.ManagedPages, machine.Allocator.FreePagesTotal);
        AllocatorChecker.Check(machine, []);
    }

    [Fact]
    public void Blocks_above_the_costly_order_never_rest_on_a_cpu()
    {
        using var machine = new Machine(65_536);
        Pfn pfn = machine.Alloc(order: 4);
        machine.Free(pfn, order: 4);
        Assert.Equal(0, machine.Allocator.Zones[1].PerCpuPages[0].Count);
        Assert.Equal(machine.Allocator.ManagedPages, machine.Allocator.FreePagesTotal);
    }

    private static AllocCost CostOfAlloc(Machine machine, int cpu)
    {
        machine.Allocator.AllocPages(cpu, GfpFlags.HighUserMovable, Order.Zero, FramePlace.Anon, out AllocCost cost);
        return cost;
    }
}
