using System.Collections.Immutable;
using LinuxMem.Simulation.Settings;
using LinuxMem.Workloads.Scenarios.Shapes;

namespace LinuxMem.Workloads.Scenarios.Keys;

/// <summary>The keys of machine.disks.</summary>
internal static class DiskKeys
{
    private const int DisksMax = 16;
    private const ulong BytesMin = 64UL << 20;
    private const ulong BytesMax = 1UL << 50;

    private static readonly IReadOnlyList<(string, BlockDeviceSettings)> Presets =
        [("hdd", BlockDeviceSettings.Hdd), ("ssd", BlockDeviceSettings.Ssd), ("nvme", BlockDeviceSettings.Nvme)];

    private static readonly IReadOnlyList<(string, IoSchedulerKind?)> Schedulers =
    [
        ("noop", IoSchedulerKind.Noop), ("deadline", IoSchedulerKind.Deadline), ("elevator", IoSchedulerKind.Elevator),
    ];

    /// <summary>The disks, in order: the file system is on the first.</summary>
    public static Shape<ImmutableArray<BlockDeviceSettings>> Shape() =>
        new ListShape<BlockDeviceSettings>(OneDisk(), DisksMax, "disks");

    private static Shape<BlockDeviceSettings> OneDisk()
    {
        var preset = Key.Required("preset", new ChoiceShape<BlockDeviceSettings>(Presets),
            "What it is: hdd (a disk of 7,200 turns a minute), ssd (SATA) or nvme.");
        var name = Key.Optional<string?>("name", TaskStepKeys.OrNull(new NameShape(32)), null,
            "Its name in /dev; left out, the preset's: sda, sdb, nvme0n1.");
        var size = Key.Optional<ulong?>("size", new MaybeShape<ulong>(new SizeShape(BytesMin, BytesMax, 4096)), null,
            "Its size; left out, 1 TiB.");
        var scheduler = Key.Optional<IoSchedulerKind?>("scheduler", new ChoiceShape<IoSchedulerKind?>(Schedulers), null,
            "What orders its requests; left out, none for nvme, deadline for the others.");
        var queue = Key.Optional<ulong?>("queue", new MaybeShape<ulong>(new CountShape(1, 1024)), null,
            "Requests that it works on at once; left out, the preset's: 1, 32, 64.");
        var speed = Key.Optional<ulong?>("bytesPerSecond", new MaybeShape<ulong>(new SizeShape(1 << 16, 1UL << 37)),
            null, "What it transfers in a second; left out, the preset's.");
        return new ObjectShape<BlockDeviceSettings>("a disk", [preset, name, size, scheduler, queue, speed], v =>
        {
            BlockDeviceSettings of = v.Get(preset);
            return of with
            {
                Name = v.Get(name) ?? of.Name,
                Sectors = v.Get(size) is { } bytes ? bytes / BlockDeviceSettings.SectorBytes : of.Sectors,
                Scheduler = v.Get(scheduler) ?? of.Scheduler,
                Channels = (int)(v.Get(queue) ?? (ulong)of.Channels),
                BytesPerSecond = (long)(v.Get(speed) ?? (ulong)of.BytesPerSecond),
            };
        });
    }
}
