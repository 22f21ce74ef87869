using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Mm.PageAlloc;
using LinuxMem.Mm.Stats;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Mm.Tests.PageAlloc;

/// <summary>A booted allocator with its mem_map and counters.</summary>
internal sealed class Machine : IDisposable
{
    public Machine(uint frames, int cpus = 1, VmSettings? vm = null, int pageShift = 12,
        KernelEra era = KernelEra.Linux6)
    {
        Map = new MemMap(frames);
        Allocator = new PageAllocator(Map, pageShift, cpus, vm ?? new VmSettings(), Stat, era);
    }

    /// <summary>A zone whose free pages may all be taken and whose per-CPU lists hold nothing.</summary>
    public static VmSettings Bare { get; } = new() { MinFreeKbytes = 0, PcpHighPages = 0 };

    public MemMap Map { get; }

    public VmStat Stat { get; } = new();

    public PageAllocator Allocator { get; }

    public Pfn Alloc(
        int order = 0, GfpFlags gfp = GfpFlags.HighUserMovable, FramePlace place = FramePlace.Anon, int cpu = 0) =>
        Allocator.AllocPages(cpu, gfp, new Order(order), place, out _);

    public void Free(Pfn pfn, int order = 0, int cpu = 0)
    {
        Map[pfn].RefCount = 0;
        Allocator.FreePages(cpu, pfn, new Order(order), out _);
    }

    /// <summary>
    /// Free blocks of every zone and order, by address: what the free lists hold, whatever their order and type.
    /// </summary>
    public List<(uint Pfn, int Order)> FreeBlocks()
    {
        var blocks = new List<(uint, int)>();
        Allocator.VisitFreeBlocks((_, order, _, pfn) => blocks.Add((pfn.Value, order.Value)));
        blocks.Sort();
        return blocks;
    }

    public void Dispose() => Map.Dispose();
}
