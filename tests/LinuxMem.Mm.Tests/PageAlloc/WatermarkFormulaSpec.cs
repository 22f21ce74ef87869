using LinuxMem.Mm.PageAlloc;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Mm.Tests.PageAlloc;

public class WatermarkFormulaSpec
{
    // The managed pages of a Linux 6.18 machine with 2 CPUs; its /proc/zoneinfo is what the tests below expect.
    private const long Dma = 3840;
    private const long Dma32 = 772_918;
    private const long Normal = 327_680;

    [Theory]
    // The table above calculate_min_free_kbytes in mm/page_alloc.c, and the two ends of the clamp.
    [InlineData(16L << 10, 512)]
    [InlineData(32L << 10, 724)]
    [InlineData(64L << 10, 1024)]
    [InlineData(128L << 10, 1448)]
    [InlineData(256L << 10, 2048)]
    [InlineData(512L << 10, 2896)]
    [InlineData(1024L << 10, 4096)]
    [InlineData(2048L << 10, 5792)]
    [InlineData(4096L << 10, 8192)]
    [InlineData(8192L << 10, 11_585)]
    [InlineData(16_384L << 10, 16_384)]
    [InlineData(24_684_096L, 19_873)]
    [InlineData(512L, 128)]
    [InlineData(1L << 40, 262_144)]
    public void Min_free_kbytes_is_four_times_the_root_of_lowmem(long lowmemKbytes, long expected) =>
        Assert.Equal(expected, WatermarkFormula.MinFreeKbytes(lowmemKbytes));

    [Theory]
    [InlineData(Dma, 58, 72, 86, 100)]
    [InlineData(Dma32, 11_824, 14_780, 17_736, 20_692)]
    [InlineData(Normal, 5012, 6265, 7518, 8771)]
    public void Watermarks_are_those_of_a_real_machine(long managed, long min, long low, long high, long promo) =>
        Assert.Equal(
            new Watermarks(min, low, high, promo),
            WatermarkFormula.ForZone(67_584, 12, managed, Dma + Dma32 + Normal, 10));

    [Fact]
    public void A_large_scale_factor_spreads_the_watermarks() =>
        Assert.Equal(
            new Watermarks(16_384, 16_384 + 100_000, 16_384 + 200_000, 16_384 + 300_000),
            WatermarkFormula.ForZone(65_536, 12, 1_000_000, 1_000_000, 1000));

    [Fact]
    public void Lowmem_reserve_is_that_of_a_real_machine()
    {
        long[] managed = [Dma, Dma32, Normal];
        Assert.Equal([0, 3019, 4299], WatermarkFormula.LowmemReserve(ZoneType.Dma, managed));
        Assert.Equal([0, 0, 1280], WatermarkFormula.LowmemReserve(ZoneType.Dma32, managed));
        Assert.Equal([0, 0, 0], WatermarkFormula.LowmemReserve(ZoneType.Normal, managed));
    }

    [Theory]
    [InlineData(Dma, 72, 1, 36, 240)]
    [InlineData(Dma32, 14_780, 63, 7390, 48_307)]
    [InlineData(Normal, 6265, 63, 3132, 20_480)]
    public void Per_cpu_list_sizes_are_those_of_a_real_machine(long managed, long low, int batch, int min, int max)
    {
        Assert.Equal(batch, PerCpuFormula.Batch(managed, 12));
        Assert.Equal((min, max), PerCpuFormula.High(managed, low, batch, 2));
    }

    [Fact]
    public void A_machine_of_eight_gibibytes_has_the_zones_and_the_figures_of_the_formulas()
    {
        using var machine = new Machine(2 << 20, cpus: 4);
        Assert.Equal([ZoneType.Dma, ZoneType.Dma32, ZoneType.Normal], machine.Allocator.Zones.Select(z => z.Type));
        Assert.Equal([4095, 1_044_480, 1_048_576], machine.Allocator.Zones.Select(z => z.ManagedPages));
        // 11,585 KiB are 2,896 pages, less one part in two million for frame 0; half of them are Normal's.
        Assert.Equal(2_896L * 1_048_576 / 2_097_151, machine.Allocator.Zones[2].Watermarks.MinPages);
        Assert.Equal((1_044_480L + 1_048_576) / 256, machine.Allocator.Zones[0].LowmemReserve(ZoneType.Normal));
    }

    [Fact]
    public void A_setting_replaces_the_formula()
    {
        using var machine = new Machine(4096, vm: new VmSettings { MinFreeKbytes = 400, PcpHighPages = 7 });
        Assert.Equal(100, machine.Allocator.Zones[0].Watermarks.MinPages);
        Assert.Equal(7, machine.Allocator.Zones[0].PerCpuPages[0].HighMax);
    }
}
