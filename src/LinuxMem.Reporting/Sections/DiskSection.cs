using System.Globalization;
using LinuxMem.Reporting.Text;
using LinuxMem.Simulation.Results;

namespace LinuxMem.Reporting.Sections;

/// <summary>What the disks have done; nothing where there are none.</summary>
internal static class DiskSection
{
    /// <summary>Writes the section and an empty line.</summary>
    public static void Write(TextWriter output, IReadOnlyList<DiskResult> disks, long virtualNs)
    {
        if (disks.Count == 0)
            return;
        output.WriteLine($"Disks ({disks.Count}; sizes in KiB)");
        var table = new TextTable(
            TextColumn.Words("DISK"), TextColumn.Number("READS"), TextColumn.Number("MERGED"),
            TextColumn.Number("KIB"), TextColumn.Number("WRITES"), TextColumn.Number("MERGED"),
            TextColumn.Number("KIB"), TextColumn.Number("BUSY"), TextColumn.Number("QUEUE"));
        foreach (DiskResult disk in disks)
        {
            table.Add(SafeText.Clean(disk.Name), Number(disk.Reads), Number(disk.ReadMerges),
                Number(disk.ReadBytes / 1024), Number(disk.Writes), Number(disk.WriteMerges),
                Number(disk.WrittenBytes / 1024), Share(disk.BusyNs, virtualNs),
                string.Create(CultureInfo.InvariantCulture, $"{disk.QueueThousandths(virtualNs) / 1000.0:0.00}"));
        }

        table.Write(output);
        output.WriteLine();
    }

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Share(long ns, long ofNs) => ofNs == 0 ? "0.0%"
        : string.Create(CultureInfo.InvariantCulture, $"{100.0 * ns / ofNs:0.0}%");
}
