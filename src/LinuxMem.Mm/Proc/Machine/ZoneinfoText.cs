using System.Numerics;
using System.Text;
using LinuxMem.Mm.PageAlloc;
using LinuxMem.Mm.Stats;

namespace LinuxMem.Mm.Proc.Machine;

/// <summary>/proc/zoneinfo.</summary>
/// <remarks>Linux: mm/vmstat.c: zoneinfo_show_print, v6.18, of one node; zones Movable and Device are empty.</remarks>
public static class ZoneinfoText
{
    private const int ZoneCount = 5;
    private static readonly string[] Names = ["DMA", "DMA32", "Normal", "Movable", "Device"];

    /// <summary>Appends the text.</summary>
    public static void Append(StringBuilder text, ProcContext context)
    {
        PageAllocator allocator = context.Memory.Allocator;
        allocator.ListAllFreeBlocks();
        for (int i = 0; i < ZoneCount; i++)
        {
            text.Append(ProcFormat.Invariant, $"Node 0, zone {Names[i],8}");
            if (i == 0)
                AppendNode(text, context);
            if (allocator.Zones.FirstOrDefault(zone => (int)zone.Type == i) is { } zone)
                AppendZone(text, context, zone);
            else
                AppendEmpty(text, minPages: Names[i] == "Movable" ? 32 : 0);
        }
    }

    private static void AppendNode(StringBuilder text, ProcContext context)
    {
        var stat = new VmstatValues(context);
        text.Append("\n  per-node stats");
        int end = VmstatValues.IndexOf("nr_dirty_threshold");
        for (int i = VmstatValues.IndexOf("nr_inactive_anon"); i < end; i++)
            Item(text, VmstatNames.All[i], stat.All[i]);
    }

    private static void AppendZone(StringBuilder text, ProcContext context, Zone zone)
    {
        Watermarks marks = zone.Watermarks;
        AppendPages(text, zone.FreePages, marks, zone.PresentPages);
        text.Append("\n        protection: (");
        for (int i = 0; i < ZoneCount; i++)
        {
            // Movable and Device have no pages to protect from.
            var highest = (ZoneType)Math.Min(i, (int)ZoneType.Normal);
            text.Append(ProcFormat.Invariant, $"{(i == 0 ? "" : ", ")}{zone.LowmemReserve(highest)}");
        }

        text.Append(')');
        AppendCounters(text, context, zone);
        text.Append("\n  pagesets");
        for (int cpu = 0; cpu < context.Settings.Cpus; cpu++)
        {
            PerCpuPages pages = zone.PerCpuPages[cpu];
            text.Append(ProcFormat.Invariant, $"\n    cpu: {cpu}\n              count:    {pages.Count}");
            text.Append(ProcFormat.Invariant, $"\n              high:     {pages.High}");
            text.Append(ProcFormat.Invariant, $"\n              batch:    {pages.Batch}");
            text.Append(ProcFormat.Invariant, $"\n              high_min: {pages.HighMin}");
            text.Append(ProcFormat.Invariant, $"\n              high_max: {pages.HighMax}");
            text.Append(ProcFormat.Invariant, $"\n  vm stats threshold: {Threshold(context, zone)}");
        }

        text.Append("\n  node_unreclaimable:  0");
        text.Append(ProcFormat.Invariant, $"\n  start_pfn:           {zone.StartPfn.Value}\n");
    }

    private static void AppendCounters(StringBuilder text, ProcContext context, Zone zone)
    {
        var census = new ZoneCensus(context.Memory.Map, zone);
        int blockOrder = context.Memory.Allocator.PageblockOrder;
        long inBlocks = 0;
        for (int order = blockOrder; order < zone.FreeAreas.Count; order++)
            inBlocks += zone.FreeAreas[order].FreeBlocks << order;
        Item(text, "nr_free_pages", zone.FreePages);
        Item(text, "nr_free_pages_blocks", inBlocks);
        Item(text, "nr_zone_inactive_anon", census.InactiveAnon);
        Item(text, "nr_zone_active_anon", census.ActiveAnon);
        Item(text, "nr_zone_inactive_file", census.InactiveFile);
        Item(text, "nr_zone_active_file", census.ActiveFile);
        Item(text, "nr_zone_unevictable", census.Unevictable);
        Item(text, "nr_zone_write_pending", census.WritePending);
        Item(text, "nr_mlock", census.Locked);
        Item(text, "nr_zspages", 0);
        Item(text, "nr_free_cma", 0);
        long allocated = context.Memory.Stat[VmEvent.PgAllocDma + (int)zone.Type];
        Item(text, "numa_hit", allocated);
        Item(text, "numa_miss", 0);
        Item(text, "numa_foreign", 0);
        Item(text, "numa_interleave", 0);
        Item(text, "numa_local", allocated);
        Item(text, "numa_other", 0);
    }

    private static void AppendEmpty(StringBuilder text, long minPages)
    {
        AppendPages(text, 0, new Watermarks(minPages, minPages, minPages, minPages), 0);
        text.Append("\n        protection: (0, 0, 0, 0, 0)\n");
    }

    private static void AppendPages(StringBuilder text, long free, in Watermarks marks, long pages)
    {
        text.Append(ProcFormat.Invariant, $"\n  pages free     {free}\n        boost    0");
        text.Append(ProcFormat.Invariant, $"\n        min      {marks.MinPages}\n        low      {marks.LowPages}");
        text.Append(ProcFormat.Invariant, $"\n        high     {marks.HighPages}\n        promo    {marks.PromoPages}");
        text.Append(ProcFormat.Invariant, $"\n        spanned  {pages}\n        present  {pages}");
        text.Append(ProcFormat.Invariant, $"\n        managed  {pages}\n        cma      0");
    }

    private static void Item(StringBuilder text, string name, long value) =>
        text.Append(ProcFormat.Invariant, $"\n      {name,-12} {value}");

    // Linux: mm/vmstat.c: calculate_normal_threshold, v6.18; memory in units of 128 MiB.
    private static int Threshold(ProcContext context, Zone zone)
    {
        long memory = zone.ManagedPages >> (27 - context.Memory.Geometry.PageShift);
        return Math.Min(125, 2 * Fls(context.Settings.Cpus) * (1 + Fls(memory)));
    }

    private static int Fls(long value) => 64 - BitOperations.LeadingZeroCount((ulong)value);
}
