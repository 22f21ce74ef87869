using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.MemMaps;
using LinuxMem.Simulation;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Mm.PageAlloc;

/// <summary>Lays out a machine's zones at boot, with their watermarks and per-CPU lists.</summary>
internal static class ZoneBuilder
{
    private const ulong DmaEndBytes = 16UL << 20;
    private const ulong Dma32EndBytes = 4UL << 30;

    /// <summary>The zones of a machine with that many frames, the low ones first, with empty free lists.</summary>
    /// <remarks>Linux: arch/x86/mm/init.c: zone_sizes_init; mm/page_alloc.c: init_per_zone_wmark_min, v6.18.</remarks>
    /// <exception cref="ConfigurationException">There is no frame besides frame 0, or a setting is
    /// impossible.</exception>
    public static Zone[] Build(uint frameCount, int pageShift, int cpus, VmSettings vm, KernelEra era)
    {
        Check(frameCount, cpus, vm);
        if (era == KernelEra.Classic)
            return [ClassicRule.BuildZone(frameCount, pageShift, cpus, vm)];
        uint dmaEnd = (uint)Math.Min(frameCount, DmaEndBytes >> pageShift);
        uint dma32End = (uint)Math.Min(frameCount, Dma32EndBytes >> pageShift);
        uint[] ends = [dmaEnd, dma32End, frameCount];
        long[] managed = [dmaEnd - 1, dma32End - dmaEnd, frameCount - dma32End];
        long all = frameCount - 1L;
        long minFreeKbytes = vm.MinFreeKbytes ?? WatermarkFormula.MinFreeKbytes(all << (pageShift - 10));

        int count = managed[2] != 0 ? 3 : managed[1] != 0 ? 2 : 1;
        var zones = new Zone[count];
        uint start = 1;
        for (int i = 0; i < count; i++)
        {
            Watermarks marks = WatermarkFormula.ForZone(
                minFreeKbytes, pageShift, managed[i], all, vm.WatermarkScaleFactor);
            long[] reserve = WatermarkFormula.LowmemReserve((ZoneType)i, managed);
            PerCpuPages[] perCpu = PerCpu(managed[i], marks.LowPages, pageShift, cpus, vm);
            zones[i] = new Zone(i, (ZoneType)i, new Pfn(start), new Pfn(ends[i]), marks, reserve, perCpu,
                Order.MaxValue);
            start = ends[i];
        }

        return zones;
    }

    /// <summary>
    /// Keeps frame 0 from the allocator: firmware owns it on a PC, and its number means "no frame" here.
    /// </summary>
    public static void ReserveFrameZero(MemMap map)
    {
        ref PageFrame frame = ref map[Pfn.None];
        frame.Place = FramePlace.Reserved;
        frame.Flags = PageFlags.Reserved;
        frame.RefCount = 1;
    }

    private static PerCpuPages[] PerCpu(long managedPages, long lowPages, int pageShift, int cpus, VmSettings vm)
    {
        int batch = PerCpuFormula.Batch(managedPages, pageShift);
        (int highMin, int highMax) = PerCpuFormula.High(managedPages, lowPages, batch, cpus);
        if (vm.PcpHighPages is int fixedHigh)
            highMin = highMax = fixedHigh;
        var lists = new PerCpuPages[cpus];
        for (int cpu = 0; cpu < cpus; cpu++)
            lists[cpu] = new PerCpuPages(batch, highMin, highMax);
        return lists;
    }

    private static void Check(uint frameCount, int cpus, VmSettings vm)
    {
        var mistakes = new List<string>();
        if (frameCount < 2)
            mistakes.Add($"machine.memory: {frameCount} frames; a machine needs at least 2, since frame 0 is reserved");
        if (cpus < 1)
            mistakes.Add($"machine.cpus: {cpus}; a machine needs at least 1");
        if (vm.MinFreeKbytes < 0)
            mistakes.Add($"machine.vm.minFreeKbytes: {vm.MinFreeKbytes}; must be at least 0");
        if (vm.WatermarkScaleFactor is < 1 or > 3000)
            mistakes.Add($"machine.vm.watermarkScaleFactor: {vm.WatermarkScaleFactor}; must be from 1 to 3000");
        if (vm.PcpHighPages < 0)
            mistakes.Add($"machine.vm.pcpHighPages: {vm.PcpHighPages}; must be at least 0");
        if (mistakes.Count != 0)
            throw new ConfigurationException(mistakes);
    }
}
