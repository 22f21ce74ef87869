namespace LinuxMem.Simulation.Settings;

/// <summary>How a block device chooses what to do next.</summary>
public enum IoSchedulerKind
{
    /// <summary>In the order of arrival, with merging.</summary>
    Noop,

    /// <summary>By sector, in batches, and nobody waits beyond its deadline (Linux: mq-deadline).</summary>
    Deadline,

    /// <summary>One way over the disk, by rising sector, then again from the lowest: the article's kernel.</summary>
    Elevator,
}

/// <summary>A block device: how big, how fast, how it orders its requests.</summary>
public sealed record BlockDeviceSettings
{
    /// <summary>Bytes of a sector, the unit of every address on a device.</summary>
    public const int SectorBytes = 512;

    /// <summary>Name, as in /dev.</summary>
    public string Name { get; init; } = "vda";

    /// <summary>Size in sectors.</summary>
    public ulong Sectors { get; init; } = 1UL << 31;

    /// <summary>Requests that the device works on at once (tags of its queue); at least 1.</summary>
    public int Channels { get; init; } = 1;

    /// <summary>From the start of a read until its data begin to flow, head movements apart, in nanoseconds.</summary>
    public long ReadLatencyNs { get; init; }

    /// <summary>The same of a write.</summary>
    public long WriteLatencyNs { get; init; }

    /// <summary>What the link transfers, for all channels together.</summary>
    public long BytesPerSecond { get; init; } = 1_000_000_000;

    /// <summary>To the next track; 0 where no head moves.</summary>
    public long SeekMinNs { get; init; }

    /// <summary>From one end of the disk to the other.</summary>
    public long SeekMaxNs { get; init; }

    /// <summary>
    /// One turn of the disk: what a request that does not follow on the last waits is drawn below it.
    /// </summary>
    public long RotationNs { get; init; }

    /// <summary>What orders the requests.</summary>
    public IoSchedulerKind Scheduler { get; init; } = IoSchedulerKind.Noop;

    /// <summary>The most that merging makes of a request, in sectors (max_sectors_kb 1280, Linux's default).</summary>
    public uint MaxRequestSectors { get; init; } = 2560;

    /// <summary>The least that any request takes, in nanoseconds.</summary>
    public long LeastServiceNs => Math.Min(ReadLatencyNs, WriteLatencyNs) + TransferNs(1);

    /// <summary>What the transfer of so many sectors takes, in nanoseconds; at least 1.</summary>
    public long TransferNs(uint sectors) => Math.Max(
        1, (long)((UInt128)sectors * SectorBytes * 1_000_000_000 / (UInt128)BytesPerSecond));

    /// <summary>
    /// A disk of 7,200 turns a minute. Source: data sheets of current 3.5-inch drives (8.5 ms average read seek, about
    /// a third of the stroke; 180 MB/s sustained).
    /// </summary>
    public static BlockDeviceSettings Hdd { get; } = new()
    {
        Name = "sda",
        BytesPerSecond = 180_000_000,
        SeekMinNs = 700_000,
        SeekMaxNs = 16_000_000,
        RotationNs = 8_333_333,
        Scheduler = IoSchedulerKind.Deadline,
    };

    /// <summary>
    /// A SATA solid state drive. Source: data sheets of consumer drives (550 MB/s, 98,000 random reads a second at a
    /// queue depth of 32, 10,000 at 1; writes go to its cache).
    /// </summary>
    public static BlockDeviceSettings Ssd { get; } = new()
    {
        Name = "sdb",
        Channels = 32,
        ReadLatencyNs = 90_000,
        WriteLatencyNs = 30_000,
        BytesPerSecond = 550_000_000,
        Scheduler = IoSchedulerKind.Deadline,
    };

    /// <summary>
    /// An NVMe drive. Source: data sheets of PCIe 3.0 x4 drives (3.5 GB/s, 14,000 random reads a second at a queue
    /// depth of 1, 500,000 at 128; Linux gives NVMe no scheduler).
    /// </summary>
    public static BlockDeviceSettings Nvme { get; } = new()
    {
        Name = "nvme0n1",
        Channels = 64,
        ReadLatencyNs = 70_000,
        WriteLatencyNs = 18_000,
        BytesPerSecond = 3_500_000_000,
    };
}
