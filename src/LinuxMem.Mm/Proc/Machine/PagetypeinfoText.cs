using System.Text;
using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.PageAlloc;

namespace LinuxMem.Mm.Proc.Machine;

/// <summary>/proc/pagetypeinfo: free blocks by migrate type and order, and pageblocks by migrate type.</summary>
/// <remarks>Linux: mm/vmstat.c: pagetypeinfo_show, v6.18, of one node.</remarks>
public static class PagetypeinfoText
{
    // As the kernel names them, in the order of its numbers; the last two are not modelled and have no blocks.
    private static readonly string[] Types = ["Unmovable", "Movable", "Reclaimable", "HighAtomic", "Isolate"];
    private const int ModelledTypes = 3;

    /// <summary>Appends the text.</summary>
    public static void Append(StringBuilder text, ProcContext context)
    {
        PageAllocator allocator = context.Memory.Allocator;
        int blockOrder = allocator.PageblockOrder;
        text.Append(ProcFormat.Invariant, $"Page block order: {blockOrder}\nPages per block:  {1 << blockOrder}\n\n");
        text.Append("Free pages count per migrate type at order".PadRight(43)).Append(' ');
        for (int order = 0; order < allocator.Zones[0].FreeAreas.Count; order++)
            text.AppendPadded(order, 6).Append(' ');
        text.Append('\n');
        foreach (Zone zone in allocator.Zones)
            AppendFree(text, zone);
        text.Append("\nNumber of blocks type     ");
        foreach (string type in Types)
            text.Append(ProcFormat.Invariant, $"{type,12} ");
        text.Append('\n');
        foreach (Zone zone in allocator.Zones)
            AppendBlocks(text, allocator, zone);
    }

    private static void AppendFree(StringBuilder text, Zone zone)
    {
        for (int type = 0; type < Types.Length; type++)
        {
            string name = BuddyInfo.NameOf(zone.Type);
            text.Append(ProcFormat.Invariant, $"Node {0,4}, zone {name,8}, type {Types[type],12} ");
            foreach (FreeArea area in zone.FreeAreas)
                text.AppendPadded(type < ModelledTypes ? area.Count((MigrateType)type) : 0, 6).Append(' ');
            text.Append('\n');
        }
    }

    private static void AppendBlocks(StringBuilder text, PageAllocator allocator, Zone zone)
    {
        Span<long> blocks = stackalloc long[ModelledTypes];
        blocks.Clear();
        for (uint pfn = zone.StartPfn.Value; pfn < zone.EndPfn.Value; pfn += 1u << allocator.PageblockOrder)
            blocks[(int)allocator.PageblockTypeOf(new Pfn(pfn))]++;
        text.Append(ProcFormat.Invariant, $"Node 0, zone {BuddyInfo.NameOf(zone.Type),8} ");
        for (int type = 0; type < Types.Length; type++)
            text.AppendPadded(type < ModelledTypes ? blocks[type] : 0, 12).Append(' ');
        text.Append('\n');
    }
}
