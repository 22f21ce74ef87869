using LinuxMem.Mm.Block;
using LinuxMem.Simulation;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Mm.Tests.Block;

public sealed class BlockDeviceSpec
{
    private static readonly BlockDeviceSettings Plain = new()
    {
        Sectors = 1 << 20,
        ReadLatencyNs = 1_000,
        WriteLatencyNs = 2_000,
        BytesPerSecond = 512_000_000, // a sector a microsecond
    };

    [Fact]
    public void A_read_takes_its_latency_and_its_transfer()
    {
        List<BlockCompletion> done = Run(Plain, Read(1, 100, 8, 500));
        Assert.Equal([(1L, 500L + 1_000 + 8_000)], done.Select(c => (c.Io.Id, c.AtNs)));
    }

    [Fact]
    public void One_channel_works_on_one_request_at_a_time()
    {
        List<BlockCompletion> done = Run(Plain, Read(1, 100, 1, 0), Read(2, 500, 1, 0));
        Assert.Equal([2_000L, 4_000L], done.Select(c => c.AtNs));
    }

    [Fact]
    public void Channels_share_the_link_but_not_the_latency()
    {
        List<BlockCompletion> done = Run(Plain with { Channels = 2 }, Read(1, 100, 4, 0), Read(2, 500, 4, 0));
        Assert.Equal([5_000L, 9_000L], done.Select(c => c.AtNs));
    }

    [Fact]
    public void Neighbours_that_wait_become_one_request()
    {
        var device = new BlockDevice(Plain, 1);
        var done = new List<BlockCompletion>();
        device.Submit(Read(1, 0, 1, 0));
        device.Submit(Read(2, 100, 4, 0));
        device.Submit(Read(3, 104, 4, 0));
        device.Submit(Read(4, 96, 4, 0));
        device.Submit(new BlockIo(5, BlockOp.Write, 108, 4, 0));
        device.Advance(long.MaxValue, done);
        Assert.Equal(2, device.Stats.Counts.ReadMerges);
        Assert.Equal(0, device.Stats.Counts.WriteMerges);
        Assert.Equal([2_000L, 15_000L, 15_000L, 15_000L, 21_000L], done.Select(c => c.AtNs));
    }

    [Fact]
    public void A_request_does_not_grow_beyond_the_devices_limit()
    {
        var device = new BlockDevice(Plain with { MaxRequestSectors = 8 }, 1);
        device.Submit(Read(1, 0, 1, 0));
        device.Submit(Read(2, 100, 8, 0));
        device.Submit(Read(3, 108, 1, 0));
        Assert.Equal(0, device.Stats.Counts.ReadMerges);
    }

    [Fact]
    public void The_elevator_goes_up_and_starts_again_from_the_lowest()
    {
        List<BlockCompletion> done = Run(Plain with { Scheduler = IoSchedulerKind.Elevator },
            Read(1, 500, 1, 0), Read(2, 300, 1, 0), Read(3, 900, 1, 0), Read(4, 100, 1, 0), Read(5, 600, 1, 0));
        Assert.Equal([1L, 5, 3, 4, 2], done.Select(c => c.Io.Id));
    }

    [Fact]
    public void Deadline_serves_reads_before_writes_but_not_for_ever()
    {
        BlockDeviceSettings settings = Plain with { Scheduler = IoSchedulerKind.Deadline };
        var ios = new List<BlockIo> { Read(0, 0, 1, 0), new(1, BlockOp.Write, 10, 1, 0) };
        for (int i = 0; i < 4 * DeadlineScheduler.FifoBatch; i++)
            ios.Add(Read(2 + i, 1000 + 10UL * (ulong)i, 1, 0));
        List<long> order = Run(settings, [.. ios]).ConvertAll(c => c.Io.Id);
        // The batch that is under way when the write comes does not count.
        Assert.Equal((1 + DeadlineScheduler.WritesStarved) * DeadlineScheduler.FifoBatch, order.IndexOf(1));
    }

    [Fact]
    public void A_read_whose_deadline_has_passed_goes_before_nearer_ones()
    {
        BlockDeviceSettings slow = Plain with { Scheduler = IoSchedulerKind.Deadline, ReadLatencyNs = 40_000_000 };
        var device = new BlockDevice(slow, 1);
        var done = new List<BlockCompletion>();
        device.Submit(Read(1, 500_000, 1, 0));
        device.Submit(Read(2, 10, 1, 0)); // far below the head: batches above it go first
        for (int i = 0; i < 60; i++)
            device.Submit(Read(10 + i, 600_000 + 10UL * (ulong)i, 1, 0));
        device.Advance(long.MaxValue, done);
        int place = done.FindIndex(c => c.Io.Id == 2);
        Assert.InRange(place, 1, 2 * DeadlineScheduler.FifoBatch);
        Assert.True(done[place].AtNs > DeadlineScheduler.ReadExpireNs);
    }

    [Fact]
    public void Sequential_reads_of_a_disk_are_far_faster_than_scattered_ones()
    {
        long sequential = Run(BlockDeviceSettings.Hdd, [.. Enumerable.Range(0, 100)
            .Select(i => Read(i, (ulong)i * 8, 8, 0))])[^1].AtNs;
        long scattered = Run(BlockDeviceSettings.Hdd, [.. Enumerable.Range(0, 100)
            .Select(i => Read(i, (ulong)i * 7_919_317 % (1UL << 30), 8, 0))])[^1].AtNs;
        Assert.True(scattered > 20 * sequential, $"{scattered} {sequential}");
    }

    [Fact]
    public void An_io_beyond_the_end_of_the_device_is_a_bug_of_the_kernel()
    {
        var device = new BlockDevice(Plain, 1);
        Assert.Throws<KernelBug>(() => device.Submit(Read(1, (1 << 20) - 1, 2, 0)));
    }

    [Fact]
    public void Busy_time_is_that_in_which_something_was_under_way()
    {
        var device = new BlockDevice(Plain, 1);
        var done = new List<BlockCompletion>();
        device.Submit(Read(1, 100, 1, 0));
        device.Advance(10_000, done);
        device.Submit(Read(2, 300, 1, 10_000));
        device.Advance(20_000, done);
        Assert.Equal(4_000, device.Stats.Counts.BusyNs);
        Assert.Equal(4_000, device.Stats.Counts.ReadNs);
    }

    private static BlockIo Read(long id, ulong sector, uint sectors, long atNs) =>
        new(id, BlockOp.Read, sector, sectors, atNs);

    private static List<BlockCompletion> Run(BlockDeviceSettings settings, params BlockIo[] ios)
    {
        var device = new BlockDevice(settings, 1);
        var done = new List<BlockCompletion>();
        foreach (BlockIo io in ios)
            device.Submit(io);
        device.Advance(long.MaxValue, done);
        return done;
    }
}
