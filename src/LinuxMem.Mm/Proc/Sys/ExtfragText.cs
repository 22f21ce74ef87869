using System.Text;
using LinuxMem.Mm.PageAlloc;

namespace LinuxMem.Mm.Proc.Sys;

/// <summary>/sys/kernel/debug/extfrag: how far free memory is broken up, by zone and order.</summary>
/// <remarks>Linux: mm/vmstat.c: unusable_show_print, extfrag_show_print, v6.18.</remarks>
public static class ExtfragText
{
    /// <summary>Why allocations of each order would fail.</summary>
    public const string ExtfragPath = "/sys/kernel/debug/extfrag/extfrag_index";

    /// <summary>How much of free memory is of no use for each order.</summary>
    public const string UnusablePath = "/sys/kernel/debug/extfrag/unusable_index";

    /// <summary>A line for every zone that has frames.</summary>
    public static string Of(ProcContext context, Func<Zone, int, int> index)
    {
        var text = new StringBuilder();
        bool isSigned = index == FragmentationIndex.External;
        foreach (Zone zone in context.Memory.Allocator.Zones)
        {
            text.Append(ProcFormat.Invariant, $"Node 0, zone {BuddyInfo.NameOf(zone.Type),8} ");
            for (int order = 0; order < zone.FreeAreas.Count; order++)
            {
                int value = index(zone, order);
                string whole = (value / 1000).ToString(ProcFormat.Invariant);
                text.Append(isSigned ? whole.PadLeft(2) : whole).Append('.');
                text.Append(Math.Abs(value % 1000).ToString("d3", ProcFormat.Invariant)).Append(' ');
            }

            text.Append('\n');
        }

        return text.ToString();
    }
}
