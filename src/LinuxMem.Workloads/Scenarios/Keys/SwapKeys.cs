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
    internal sealed record Area(string Path, ulong Bytes, int Priority, int Disk);

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
            into.Add(new SwapAreaSettings
            {
                Path = area.Path,
                Pages = (uint)(area.Bytes >> paging.PageShift),
                Priority = area.Priority == int.MinValue ? -2 - i : area.Priority,
                Device = area.Disk,
                FirstSector = end - sectors,
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
        var path = Key.Optional("path", new TextShape(1, PathCharsMax), "/swapfile", "Its name in /proc/swaps.");
        var priority = Key.Optional<ulong?>("priority", new MaybeShape<ulong>(new CountShape(0, 32767)), null,
            "Areas of higher priority are filled first; left out, below all that have one, in their order.");
        var disk = Key.Optional("disk", new CountShape(0, 15), 0UL, "The disk it is on, by its place in \"disks\".");
        return new ObjectShape<Area>("a swap area", [size, path, priority, disk], v => new Area(
            v.Get(path), v.Get(size), v.Get(priority) is { } given ? (int)given : int.MinValue, (int)v.Get(disk)));
    }
}
