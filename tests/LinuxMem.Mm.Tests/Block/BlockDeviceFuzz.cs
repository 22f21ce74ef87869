using CsCheck;
using LinuxMem.Mm.Block;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Mm.Tests.Block;

public sealed class BlockDeviceFuzz
{
    private static readonly Gen<(BlockOp Op, ulong Sector, uint Sectors, long GapNs)[]> Load =
        Gen.Select(Gen.Bool, Gen.ULong[0, 400], Gen.UInt[1, 16], Gen.Long[0, 30_000],
            (write, sector, sectors, gap) => (write ? BlockOp.Write : BlockOp.Read, sector, sectors, gap)).Array[1, 60];

    private static readonly Gen<BlockDeviceSettings> Device =
        Gen.Select(Gen.Int[0, 2], Gen.Int[1, 4], Gen.Bool, (scheduler, channels, disk) => new BlockDeviceSettings
        {
            Sectors = 1024,
            Scheduler = (IoSchedulerKind)scheduler,
            Channels = channels,
            ReadLatencyNs = 5_000,
            WriteLatencyNs = 3_000,
            BytesPerSecond = 100_000_000,
            SeekMinNs = disk ? 1_000 : 0,
            SeekMaxNs = disk ? 9_000 : 0,
            RotationNs = disk ? 4_000 : 0,
            MaxRequestSectors = 24,
        });

    [Fact]
    public void Every_io_is_over_once_in_order_of_time_and_not_sooner_than_it_can_be() =>
        Gen.Select(Device, Load).Sample((settings, load) =>
        {
            List<BlockCompletion> done = Play(settings, load);
            Assert.Equal(Enumerable.Range(0, load.Length).Select(i => (long)i), done.Select(c => c.Io.Id).Order());
            Assert.Equal(done.Select(c => c.AtNs).Order(), done.Select(c => c.AtNs));
            foreach (BlockCompletion c in done)
            {
                long leastNs = c.Io.Op == BlockOp.Read ? settings.ReadLatencyNs : settings.WriteLatencyNs;
                Assert.True(c.AtNs >= c.Io.SubmittedNs + leastNs + c.Io.Sectors * 5_120);
            }
        });

    [Fact]
    public void The_same_load_takes_the_same_time_however_often_one_looks() =>
        Gen.Select(Device, Load).Sample((settings, load) =>
            Assert.Equal(Play(settings, load), Play(settings, load, looksNs: 777)));

    private static List<BlockCompletion> Play(BlockDeviceSettings settings,
        (BlockOp Op, ulong Sector, uint Sectors, long GapNs)[] load, long looksNs = 0)
    {
        var device = new BlockDevice(settings, 7);
        var done = new List<BlockCompletion>();
        long nowNs = 0;
        for (int i = 0; i < load.Length; i++)
        {
            long next = nowNs + load[i].GapNs;
            for (; looksNs > 0 && nowNs < next; nowNs = Math.Min(next, nowNs + looksNs))
                device.Advance(nowNs, done);
            nowNs = next;
            device.Advance(nowNs, done);
            device.Submit(new BlockIo(i, load[i].Op, load[i].Sector, load[i].Sectors, nowNs));
        }

        device.Advance(long.MaxValue, done);
        Assert.Equal(0, device.Inflight);
        Assert.Equal(long.MaxValue, device.NextEventNs);
        return done;
    }
}
