using LinuxMem.Mm.Block;
using LinuxMem.Simulation.Results;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Actors.Kernel;

/// <summary>Writes down what the disks have done.</summary>
internal static class DiskResults
{
    /// <summary>The results, in the order of the scenario; none where there are no disks.</summary>
    public static IReadOnlyList<DiskResult> Of(Mm.Kernel kernel, IReadOnlyList<BlockDeviceSettings> disks)
    {
        var results = new List<DiskResult>();
        for (int disk = 0; disk < disks.Count; disk++)
        {
            DiskCounts counts = kernel.Io.Counts[disk];
            results.Add(new DiskResult(
                disks[disk].Name, counts.Reads, counts.ReadMerges, counts.SectorsRead * BlockDeviceSettings.SectorBytes,
                counts.ReadNs, counts.Writes, counts.WriteMerges,
                counts.SectorsWritten * BlockDeviceSettings.SectorBytes, counts.WriteNs, counts.BusyNs,
                kernel.Io.UnderWayOn(disk)));
        }

        return results;
    }
}
