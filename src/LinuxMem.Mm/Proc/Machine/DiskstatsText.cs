using System.Text;
using LinuxMem.Mm.Block;

namespace LinuxMem.Mm.Proc.Machine;

/// <summary>The text of /proc/diskstats: what each disk has done.</summary>
/// <remarks>Linux: block/genhd.c: diskstats_show, v6.18. Nothing is discarded or flushed here.</remarks>
public static class DiskstatsText
{
    private const long NsPerMs = 1_000_000;

    /// <summary>Appends a line for each disk, as of what it last told.</summary>
    public static void Append(StringBuilder text, ProcContext context)
    {
        IReadOnlyList<DiskCounts> counts = context.Memory.Io?.Counts ?? [];
        for (int disk = 0; disk < counts.Count; disk++)
        {
            DiskCounts now = counts[disk];
            string name = context.Settings.Disks[disk].Name;
            (int major, int minor) = DiskNumbers.Of(name, disk);
            text.Append(ProcFormat.Invariant, $"{major,4} {minor,7} {name} ");
            text.Append(ProcFormat.Invariant, $"{now.Reads} {now.ReadMerges} {now.SectorsRead} ");
            text.Append(ProcFormat.Invariant, $"{now.ReadNs / NsPerMs} {now.Writes} {now.WriteMerges} ");
            text.Append(ProcFormat.Invariant, $"{now.SectorsWritten} {now.WriteNs / NsPerMs} ");
            text.Append(ProcFormat.Invariant, $"{context.Memory.Io!.UnderWayOn(disk)} ");
            text.Append(ProcFormat.Invariant, $"{now.BusyNs / NsPerMs} {(now.ReadNs + now.WriteNs) / NsPerMs} ");
            text.Append("0 0 0 0 0 0\n");
        }
    }
}
