using System.Collections.Immutable;
using System.Numerics;
using LinuxMem.Arch.Paging;
using LinuxMem.Simulation.Settings;
using LinuxMem.Workloads.Scenarios.Shapes;

namespace LinuxMem.Workloads.Scenarios.Keys;

/// <summary>The keys of machine.swap.</summary>
internal static class SwapKeys
{
    private const int AreasMax = 8;
    private const int PathCharsMax = 64;

    /// <summary>A swap area as it is written down: its size in bytes, its disk by place.</summary>
    internal sealed record Area(string? Path, ulong Bytes, int? Priority, int Disk, bool OnAtBoot);

    /// <summary>The areas, in order.</summary>
    public static Shape<ImmutableArray<Area>> Shape() => new ListShape<Area>(OneArea(), AreasMax, "swap areas");

    /// <summary>
    /// The areas on their disks: each disk's from its end down, so that they do not lie where files do. False if a
    /// disk is not there, or is too small.
    /// </summary>
    public static bool TryPlace(ImmutableArray<Area> areas, IReadOnlyList<BlockDeviceSettings> disks,
        PagingGeometry paging, List<SwapAreaSettings> into, out string problem)
    {
        var endOf = new Dictionary<int, ulong>();
        int defaults = 0;
        for (int i = 0; i < areas.Length; i++)
        {
            Area area = areas[i];
            ulong slotsMax = Math.Min(uint.MaxValue, SlotsMax(paging.Format));
            if (area.Bytes >> paging.PageShift > slotsMax)
            {
                problem = $"swap area {i + 1} of {SizeShape.Format(area.Bytes)} is more than entries of "
                    + $"\"{paging.Name}\" can tell apart; expected at most "
                    + SizeShape.Format(slotsMax << paging.PageShift);
                return false;
            }

            if (area.Disk >= disks.Count)
            {
                problem = $"swap area {i + 1} is on disk {area.Disk}, and the machine has {disks.Count}";
                return false;
            }

            ulong end = endOf.GetValueOrDefault(area.Disk, disks[area.Disk].Sectors);
            ulong sectors = area.Bytes / BlockDeviceSettings.SectorBytes;
            // Half of a disk at least is left to files.
            if (sectors > end || end - sectors < disks[area.Disk].Sectors / 2)
            {
                problem = $"swap area {i + 1} of {SizeShape.Format(area.Bytes)} leaves less than half of disk "
                    + $"{area.Disk} free";
                return false;
            }

            endOf[area.Disk] = end - sectors;
            string path = area.Path ?? (i == 0 ? "/swapfile" : $"/swapfile{i + 1}");
            if (into.Exists(other => other.Path == path))
            {
                problem = $"two swap areas have the path \"{path}\"; expected a \"path\" of its own for each";
                return false;
            }

            into.Add(new SwapAreaSettings
            {
                Path = path,
                Pages = (uint)(area.Bytes >> paging.PageShift),
                Priority = area.Priority ?? -2 - (area.OnAtBoot ? defaults++ : 0),
                Device = area.Disk,
                FirstSector = end - sectors,
                IsRotational = disks[area.Disk].SeekMaxNs > 0,
                OnAtBoot = area.OnAtBoot,
            });
        }

        problem = "";
        return true;
    }

    // The bits of the frame number, less those that say which area (SwapPte).
    private static ulong SlotsMax(PteFormat format) =>
        1UL << (BitOperations.PopCount(format.PfnMask) - (format.EntryBytes == 4 ? 3 : 5));

    private static Shape<Area> OneArea()
    {
        var size = Key.Required("size", new SizeShape(1 << 14, 1UL << 40, 1 << 13),
            "Its size, the page of its header included.");
        var path = Key.Optional<string?>("path", TaskStepKeys.OrNull(new TextShape(1, PathCharsMax)), null,
            "Its name in /proc/swaps, and for swapon and swapoff; left out, /swapfile, /swapfile2 and so on.");
        var priority = Key.Optional<ulong?>("priority", new MaybeShape<ulong>(new CountShape(0, 32767)), null,
            "Areas of higher priority are filled first; left out, below all that have one, in their order.");
        var disk = Key.Optional("disk", new CountShape(0, 15), 0UL, "The disk it is on, by its place in \"disks\".");
        var on = Key.Optional("on", new FlagShape(), true,
            "Whether it is in use from the start; else it is only prepared (mkswap), for a swapon step.");
        return new ObjectShape<Area>("a swap area", [size, path, priority, disk, on], v => new Area(
            v.Get(path), v.Get(size), (int?)v.Get(priority), (int)v.Get(disk), v.Get(on)));
    }
}
