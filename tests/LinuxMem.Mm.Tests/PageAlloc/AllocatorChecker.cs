using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.PageAlloc;
using LinuxMem.Mm.Stats;

namespace LinuxMem.Mm.Tests.PageAlloc;

/// <summary>
/// Recounts I01, I02, I04, I05, I06 and I07 from the lists, against the frames that the caller knows to be in use. Does
/// not look at what owners keep in their frames.
/// </summary>
internal static class AllocatorChecker
{
    public static void Check(Machine machine, IReadOnlyCollection<uint> inUse)
    {
        uint frameCount = machine.Map.FrameCount;
        var seen = new byte[frameCount];
        seen[0] = 1;
        foreach (uint pfn in inUse)
            Claim(seen, pfn);
        long perCpu = CheckPerCpu(machine, seen);
        long free = CheckFree(machine, seen);

        Assert.Equal(free, machine.Allocator.FreePagesTotal);
        Assert.Equal(machine.Allocator.ManagedPages, free + perCpu + inUse.Count);
        for (uint pfn = 0; pfn < frameCount; pfn++)
            Assert.True(seen[pfn] == 1, $"frame {pfn} is in no place");
    }

    private static void Claim(byte[] seen, uint pfn)
    {
        Assert.True(seen[pfn] == 0, $"frame {pfn} is in two places");
        seen[pfn] = 1;
    }

    private static long CheckPerCpu(Machine machine, byte[] seen)
    {
        var counts = new Dictionary<(ZoneType, int), int>();
        long total = 0;
        machine.Allocator.VisitPerCpuPages((cpu, zone, order, _, pfn) =>
        {
            counts[(zone.Type, cpu)] = counts.GetValueOrDefault((zone.Type, cpu)) + (int)order.Pages;
            total += order.Pages;
            for (uint i = 0; i < order.Pages; i++)
            {
                Claim(seen, pfn.Value + i);
                Assert.Equal(FramePlace.PerCpuList, machine.Map[pfn + i].Place);
                Assert.Equal(i == 0 ? (byte)order.Value : PageFrame.TailOrder, machine.Map[pfn + i].Order);
            }
        });
        foreach (Zone zone in machine.Allocator.Zones)
        {
            for (int cpu = 0; cpu < zone.PerCpuPages.Count; cpu++)
            {
                Assert.Equal(counts.GetValueOrDefault((zone.Type, cpu)), zone.PerCpuPages[cpu].Count);
                Assert.InRange(zone.PerCpuPages[cpu].Count, 0, zone.PerCpuPages[cpu].CountMax);
            }
        }

        return total;
    }

    private static long CheckFree(Machine machine, byte[] seen)
    {
        var counts = new long[3, 11, 3];
        var heads = new HashSet<(uint, int)>();
        long wholePageblocks = 0;
        machine.Allocator.ListAllFreeBlocks();
        machine.Allocator.VisitFreeBlocks((zone, order, type, pfn) =>
        {
            counts[(int)zone.Type, order.Value, (int)type]++;
            heads.Add((pfn.Value, order.Value));
            if (order.Value >= 9)
                wholePageblocks += order.Pages;
            Assert.Equal(0u, pfn.Value & (order.Pages - 1));
            Assert.InRange(pfn.Value, zone.StartPfn.Value, zone.EndPfn.Value - order.Pages);
            Assert.Equal(order.Value, machine.Map[pfn].Order);
            Assert.Equal((byte)type, machine.Map[pfn].MigrateType);
            for (uint i = 0; i < order.Pages; i++)
            {
                Claim(seen, pfn.Value + i);
                Assert.Equal(i == 0 ? FramePlace.BuddyHead : FramePlace.Untouched, machine.Map[pfn + i].Place);
                Assert.Equal(type, machine.Allocator.PageblockTypeOf(pfn + i));
            }
        });
        Assert.Equal(wholePageblocks, machine.Stat[VmEvent.NrFreePagesBlocks]);
        foreach ((uint pfn, int order) in heads)
            Assert.True(order == 10 || !IsUnmergedBuddy(machine, heads, pfn, order), $"I05: {pfn} order {order}");
        return SumOf(machine, counts);
    }

    private static bool IsUnmergedBuddy(Machine machine, HashSet<(uint, int)> heads, uint pfn, int order)
    {
        uint buddy = pfn ^ (1u << order);
        return heads.Contains((buddy, order))
            && machine.Allocator.ZoneOf(new Pfn(buddy)) == machine.Allocator.ZoneOf(new Pfn(pfn));
    }

    private static long SumOf(Machine machine, long[,,] counts)
    {
        long total = 0;
        foreach (Zone zone in machine.Allocator.Zones)
        {
            long free = 0;
            for (int order = 0; order <= 10; order++)
            {
                for (int type = 0; type < 3; type++)
                    Assert.Equal(counts[(int)zone.Type, order, type], zone.FreeAreas[order].Count((MigrateType)type));
                free += zone.FreeAreas[order].FreeBlocks << order;
            }

            Assert.Equal(free, zone.FreePages);
            total += free;
        }

        return total;
    }
}
