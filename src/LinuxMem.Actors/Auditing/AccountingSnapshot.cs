using LinuxMem.Audit.Snapshots;
using LinuxMem.Mm.Block;
using LinuxMem.Mm.Filemap;
using LinuxMem.Mm.Oom;
using LinuxMem.Mm.PageAlloc;
using LinuxMem.Mm.Stats;
using LinuxMem.Mm.Tasks;

namespace LinuxMem.Actors.Auditing;

/// <summary>Writes down for the audit what the kernel counts, whom it killed, and who waits.</summary>
internal static class AccountingSnapshot
{
    // CONFIG_LSM_MMAP_MIN_ADDR of the distributions.
    private const ulong LsmMmapMinAddr = 65536;

    /// <summary>Lets the kernel remember what only the moment shows. Costs nothing where nobody audits.</summary>
    public static void Watch(Mm.Kernel kernel)
    {
        kernel.Memory.Allocator.Witness = new AllocWitness();
        kernel.Oom.Witness = new OomWitness();
    }

    /// <summary>Adds the counters, and what has happened since the last snapshot.</summary>
    public static void Fill(Mm.Kernel kernel, MachineSnapshot into)
    {
        FillCounters(kernel, into);
        into.FramesReservedAtBoot = 1 + kernel.Memory.PoisonedFreePages + kernel.Memory.OfflinePages;
        into.StackGuardPages = (ulong)kernel.Memory.Settings.Vm.StackGuardGapPages;
        into.LowestGrowth = Math.Max(kernel.Memory.Settings.Vm.MmapMinAddr, LsmMmapMinAddr);
        foreach (AddressSpace mapping in kernel.Objects.All)
        {
            into.Objects.Add(new ObjectRecord
            {
                MappingId = mapping.Id,
                EndIndex = mapping.CacheEnd,
                HasName = mapping.Host is { Segment.IsDoomed: false } or { Links: > 0 },
                CommittedPages = mapping.Host?.CommittedPages ?? 0,
            });
        }

        FillAllocations(kernel.Memory.Allocator, into);
        FillKills(kernel.Oom, into);
        FillWaits(kernel, into);
    }

    private static void FillCounters(Mm.Kernel kernel, MachineSnapshot into)
    {
        VmStat stat = kernel.Memory.Stat;
        ref CounterRecord counters = ref into.Counters;
        counters.FileDirty = stat[VmEvent.NrDirty];
        counters.Writeback = stat[VmEvent.NrWriteback];
        counters.Locked = stat[VmEvent.NrMlock];
        counters.Unevictable = kernel.Memory.Lru!.UnevictablePages;
        counters.Committed = kernel.Overcommit.CommittedPages;
        counters.AnonMapped = stat[VmEvent.NrAnonPages];
        counters.FileMapped = stat[VmEvent.NrMapped];
        counters.FilePages = stat[VmEvent.NrFilePages];
        counters.SharedPages = stat[VmEvent.NrShmem];
        counters.SwapCached = stat[VmEvent.NrSwapCached];
        counters.PageTables = stat[VmEvent.NrPageTablePages];
        counters.Buffers = kernel.Memory.BufferPages;
        counters.BufferMappingId = kernel.Buffers is { Count: > 0 } buffers ? buffers.Device.Mapping.Id : 0;
        HugeSnapshot.Fill(kernel, ref counters);
        counters.Allocated = stat.AllocatedPages;
        counters.Freed = stat[VmEvent.PgFree];
        counters.StalledForMemory = kernel.Pressure.WaitForMemory;
        counters.StalledForIo = kernel.Pressure.WaitForIo;
        counters.Faults = stat[VmEvent.PgFault];
        counters.MajorFaults = stat[VmEvent.PgMajFault];
        FillDisks(kernel, ref counters);
        foreach (ThreadGroup group in kernel.Tasks.Groups)
        {
            counters.TaskFaults += group.MinFlt + group.MajFlt;
            counters.TaskMajorFaults += group.MajFlt;
        }
    }

    private static void FillDisks(Mm.Kernel kernel, ref CounterRecord counters)
    {
        const int sectorsPerKib = 2;
        VmStat stat = kernel.Memory.Stat;
        counters.SectorsIn = stat[VmEvent.PgPgIn] * sectorsPerKib;
        counters.SectorsOut = stat[VmEvent.PgPgOut] * sectorsPerKib;
        counters.SwapSectorsIn = stat[VmEvent.PswpIn] * kernel.Io.SectorsPerPage;
        counters.SwapSectorsOut = stat[VmEvent.PswpOut] * kernel.Io.SectorsPerPage;
        counters.Devices = null;
        if (kernel.Memory.Faults is not null)
            return;
        bool known = kernel.Memory.Settings.Swap.All(area => area.FirstSector > 0);
        var sum = new DeviceSectors(0, 0, known ? 0 : -1, known ? 0 : -1);
        foreach (DiskCounts disk in kernel.Io.Counts)
        {
            sum = new DeviceSectors(sum.Read + disk.SectorsRead, sum.Written + disk.SectorsWritten,
                known ? sum.SwapRead + disk.SwapSectorsRead : -1,
                known ? sum.SwapWritten + disk.SwapSectorsWritten : -1);
        }

        counters.Devices = sum;
    }

    private static void FillAllocations(PageAllocator allocator, MachineSnapshot into)
    {
        if (allocator.Witness is not { } witness)
            return;
        foreach (GrantedAlloc granted in witness.Granted)
        {
            ZoneType highest = (granted.Gfp & GfpFlags.Dma) != 0 ? ZoneType.Dma
                : (granted.Gfp & GfpFlags.Dma32) != 0 ? ZoneType.Dma32 : ZoneType.Normal;
            into.Allocations.Add(new AllocationRecord
            {
                ZoneIndex = granted.Zone,
                Order = granted.Order,
                IsHigh = (granted.Gfp & GfpFlags.High) != 0,
                CannotWait = (granted.Gfp & GfpFlags.DirectReclaim) == 0,
                IgnoresWatermarks = (granted.Gfp & GfpFlags.MemAlloc) != 0,
                FreeBefore = granted.FreeBefore,
                Reserve = allocator.Zones[granted.Zone].LowmemReserve(highest),
            });
        }

        witness.Clear();
    }

    private static void FillKills(OomKill oom, MachineSnapshot into)
    {
        if (oom.Witness is not { } witness)
            return;
        foreach (OomCandidate one in witness.Candidates)
        {
            into.OomCandidates.Add(new OomCandidateRecord
            {
                Kill = one.Kill,
                Pid = one.Pid,
                Pages = one.Pages,
                ScoreAdj = one.ScoreAdj,
                IsInVfork = one.IsInVfork,
                IsDying = one.IsDying,
                IsVictim = one.IsVictim,
                TotalPages = one.TotalPages,
                IdleFilePages = one.IdleFilePages,
                IsOrigin = one.IsOrigin,
            });
        }

        witness.Clear();
    }

    private static void FillWaits(Mm.Kernel kernel, MachineSnapshot into)
    {
        if (!kernel.Pressure.AnyStalls)
            return;
        foreach (ThreadGroup group in kernel.Tasks.Groups)
        {
            foreach (TaskStruct task in group.Tasks)
            {
                if (task.StallsForIo || task.StallsForMemory)
                    into.Waits.Add(new WaitRecord
                    {
                        Tid = task.Tid,
                        SinceNs = task.StallSinceNs,
                        IsForMemory = task.StallsForMemory,
                        IsForIo = task.StallsForIo,
                    });
            }
        }
    }
}
