using LinuxMem.Actors.Kernel;
using LinuxMem.Audit.Snapshots;
using LinuxMem.Mm;
using LinuxMem.Mm.PageAlloc;

namespace LinuxMem.Actors.Auditing;

/// <summary>Writes down for the audit what the page allocator has.</summary>
internal static class AllocatorSnapshot
{
    /// <summary>Adds the zones, their free lists and the lists of the CPUs that are there.</summary>
    public static void Fill(KernelMemory memory, CpuState[] cpus, MachineSnapshot into)
    {
        PageAllocator allocator = memory.Allocator;
        for (int i = 0; i < allocator.Zones.Count; i++)
        {
            Zone zone = allocator.Zones[i];
            into.Zones.Add(new ZoneRecord
            {
                Name = zone.Type.ToString(),
                StartPfn = zone.StartPfn.Value,
                EndPfn = zone.EndPfn.Value,
                MaxOrder = zone.MaxOrder,
                ManagedPages = zone.ManagedPages,
                MinPages = zone.Watermarks.MinPages,
                NrFreeCounter = zone.FreePages,
            });
            for (int order = 0; order < zone.FreeAreas.Count; order++)
            {
                for (var type = MigrateType.Unmovable; type <= MigrateType.Reclaimable; type++)
                {
                    long count = zone.FreeAreas[order].Count(type);
                    into.FreeCounters.Add(new FreeCounterRecord
                    {
                        ZoneIndex = i,
                        Order = order,
                        MigrateType = (int)type,
                        Count = count
                    });
                }
            }

            for (int cpu = 0; cpu < cpus.Length; cpu++)
            {
                // A CPU that has gone has none: what is still on one is of no list.
                if (cpus[cpu].Task is null && !memory.Online.Has(cpu))
                    continue;
                PerCpuPages list = zone.PerCpuPages[cpu];
                into.PcpLists.Add(new PcpListRecord
                {
                    Cpu = cpu,
                    ZoneIndex = i,
                    CountCounter = list.Count,
                    High = list.CountMax,
                    Batch = list.Batch,
                });
            }
        }

        allocator.ListAllFreeBlocks();
        allocator.VisitFreeBlocks((zone, order, type, pfn) => into.FreeBlocks.Add(new FreeBlockRecord
        {
            ZoneIndex = zone.Index,
            Order = order.Value,
            MigrateType = (int)type,
            Pfn = pfn.Value,
        }));
        allocator.VisitPerCpuPages((cpu, zone, order, _, pfn) =>
        {
            for (uint i = 0; i < order.Pages; i++)
                into.PcpPages.Add(new PcpPageRecord { Cpu = cpu, ZoneIndex = zone.Index, Pfn = pfn.Value + i });
        });
    }
}
