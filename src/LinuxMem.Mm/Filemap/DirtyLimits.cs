using LinuxMem.Mm.PageAlloc;
using LinuxMem.Mm.Stats;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Mm.Filemap;

/// <summary>How many dirty pages there may be.</summary>
/// <remarks>
/// Linux: mm/page-writeback.c: global_dirtyable_memory, domain_dirty_limits, v6.18. Dirtyable is what is free or holds
/// pages of files, less what the zones keep back.
/// </remarks>
public sealed class DirtyLimits
{
    // Of v2.0's buffers so many may be dirty before bdflush wakes (bdf_prm.nfract).
    private const long ClassicPercent = 60;

    private readonly KernelMemory memory;
    private readonly VmSettings vm;

    /// <summary>Of a machine.</summary>
    public DirtyLimits(KernelMemory memory)
    {
        this.memory = memory;
        vm = memory.Settings.Vm;
    }

    /// <summary>Above so many dirty pages, writers wait (vm.dirty_ratio).</summary>
    public long ThresholdPages => DirtyablePages() * vm.DirtyRatio / 100;

    /// <summary>Above so many dirty pages, the flusher writes (vm.dirty_background_ratio).</summary>
    public long BackgroundPages
    {
        get
        {
            long threshold = ThresholdPages;
            long background = DirtyablePages() * vm.DirtyBackgroundRatio / 100;
            return background < threshold ? background : threshold / 2;
        }
    }

    /// <summary>Pages that are dirty or being written.</summary>
    public long DirtyPages => memory.Stat[VmEvent.NrDirty] + memory.Stat[VmEvent.NrWriteback];

    /// <summary>Pages of files that are dirty and not being written.</summary>
    public bool IsOverBackground => memory.Settings.Kernel == KernelEra.Classic
        ? memory.Stat[VmEvent.NrDirty] > memory.BufferPages * ClassicPercent / 100
        : memory.Stat[VmEvent.NrDirty] > BackgroundPages;

    private long DirtyablePages()
    {
        long reserve = 0;
        foreach (Zone zone in memory.Allocator.Zones)
        {
            long largest = 0;
            for (ZoneType type = zone.Type; type <= ZoneType.Normal; type++)
                largest = Math.Max(largest, zone.LowmemReserve(type));
            reserve += Math.Min(zone.ManagedPages, zone.Watermarks.HighPages + largest);
        }

        long free = memory.Stat[VmEvent.NrFreePages];
        long files = memory.Stat[VmEvent.NrFilePages] - memory.Stat[VmEvent.NrShmem]
            - memory.Stat[VmEvent.NrSwapCached];
        return free - Math.Min(free, reserve) + files + 1;
    }
}
