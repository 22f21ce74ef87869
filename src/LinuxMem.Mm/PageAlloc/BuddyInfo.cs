using System.Globalization;
using System.Text;

namespace LinuxMem.Mm.PageAlloc;

/// <summary>The text of /proc/buddyinfo: how many free blocks of every order each zone has.</summary>
public static class BuddyInfo
{
    /// <summary>
    /// A line for every zone that has frames, without line ends; each ends in a blank, as the kernel's do.
    /// </summary>
    /// <remarks>Linux: mm/vmstat.c: frag_show_print, v6.18.</remarks>
    public static IReadOnlyList<string> Lines(PageAllocator allocator)
    {
        var lines = new List<string>();
        var line = new StringBuilder();
        foreach (Zone zone in allocator.Zones)
        {
            line.Clear().Append("Node 0, zone ").Append(NameOf(zone.Type).PadLeft(8)).Append(' ');
            foreach (FreeArea area in zone.FreeAreas)
                line.Append(area.FreeBlocks.ToString(CultureInfo.InvariantCulture).PadLeft(6)).Append(' ');
            lines.Add(line.ToString());
        }

        return lines;
    }

    /// <summary>The name of a zone in texts.</summary>
    public static string NameOf(ZoneType type) => type switch
    {
        ZoneType.Dma => "DMA",
        ZoneType.Dma32 => "DMA32",
        _ => "Normal",
    };
}
