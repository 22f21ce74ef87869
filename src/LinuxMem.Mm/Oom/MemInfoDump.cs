using System.Text;
using LinuxMem.Mm.PageAlloc;
using LinuxMem.Mm.Proc;
using LinuxMem.Mm.Proc.Machine;

namespace LinuxMem.Mm.Oom;

/// <summary>The part of the kernel's report that tells what memory is used for.</summary>
/// <remarks>Linux: mm/show_mem.c: __show_mem, show_free_areas, v6.18, of one node without CMA; zero is what is not
/// modelled.</remarks>
public sealed class MemInfoDump
{
    private const int ZoneMax = 5;
    private readonly ProcContext context;

    /// <summary>Of one kernel.</summary>
    public MemInfoDump(ProcContext context) => this.context = context;

    private PageAllocator Allocator => context.Memory.Allocator;

    /// <summary>Appends the text, with a line end.</summary>
    /// <param name="text">Where to.</param>
    /// <param name="isHopeless">Whether kswapd has given up.</param>
    /// <param name="cpu">The CPU that prints it: local_pcp is what its lists have.</param>
    public void Append(StringBuilder text, bool isHopeless, int cpu)
    {
        Allocator.ListAllFreeBlocks();
        var stat = new VmstatValues(context);
        text.Append("Mem-Info:\n");
        AppendPages(text, stat);
        AppendNode(text, stat, isHopeless);
        foreach (Zone zone in Allocator.Zones)
            AppendZone(text, zone, cpu);
        foreach (Zone zone in Allocator.Zones)
            AppendFreeLists(text, zone);
        Hugetlb.HugePool pool = context.Memory.Huge.Usual;
        text.Append(ProcFormat.Invariant, $"Node 0 hugepages_total={pool.Total} hugepages_free={pool.Free} ");
        text.Append(ProcFormat.Invariant, $"hugepages_surp={pool.Surplus} hugepages_size=2048kB\n");
        text.Append(ProcFormat.Invariant, $"{stat["nr_file_pages"]} total pagecache pages\n");
        text.Append(ProcFormat.Invariant, $"{stat["nr_swapcached"]} pages in swap cache\n");
        text.Append(ProcFormat.Invariant, $"Free swap  = {context.Kb(context.Memory.Swap.FreeSlots)}kB\n");
        text.Append(ProcFormat.Invariant, $"Total swap = {context.Kb(context.Memory.Swap.TotalSlots)}kB\n");
        long present = Allocator.Zones.Sum(zone => zone.PresentPages);
        text.Append(ProcFormat.Invariant, $"{present} pages RAM\n0 pages HighMem/MovableOnly\n");
        text.Append(ProcFormat.Invariant, $"{present - Allocator.ManagedPages} pages reserved\n");
        text.Append(ProcFormat.Invariant, $"{context.Memory.PoisonedPages} pages hwpoisoned\n");
    }

    private void AppendPages(StringBuilder text, VmstatValues stat)
    {
        long onLists = Allocator.Zones.Sum(OnCpuLists);
        text.Append(ProcFormat.Invariant, $"active_anon:{stat["nr_active_anon"]} ");
        text.Append(ProcFormat.Invariant, $"inactive_anon:{stat["nr_inactive_anon"]} ");
        text.Append(ProcFormat.Invariant, $"isolated_anon:{stat["nr_isolated_anon"]}\n");
        text.Append(ProcFormat.Invariant, $" active_file:{stat["nr_active_file"]} ");
        text.Append(ProcFormat.Invariant, $"inactive_file:{stat["nr_inactive_file"]} ");
        text.Append(ProcFormat.Invariant, $"isolated_file:{stat["nr_isolated_file"]}\n");
        text.Append(ProcFormat.Invariant, $" unevictable:{stat["nr_unevictable"]} dirty:{stat["nr_dirty"]} ");
        text.Append(ProcFormat.Invariant, $"writeback:{stat["nr_writeback"]}\n");
        text.Append(" slab_reclaimable:0 slab_unreclaimable:0\n");
        text.Append(ProcFormat.Invariant, $" mapped:{stat["nr_mapped"]} shmem:{stat["nr_shmem"]} ");
        text.Append(ProcFormat.Invariant, $"pagetables:{stat["nr_page_table_pages"]}\n");
        text.Append(" sec_pagetables:0 bounce:0\n kernel_misc_reclaimable:0\n");
        text.Append(ProcFormat.Invariant, $" free:{stat["nr_free_pages"]} free_pcp:{onLists} free_cma:0\n");
    }

    private void AppendNode(StringBuilder text, VmstatValues stat, bool isHopeless)
    {
        text.Append("Node 0");
        foreach ((string name, string counter) in ((string, string)[])
        [
            ("active_anon", "nr_active_anon"), ("inactive_anon", "nr_inactive_anon"), ("active_file", "nr_active_file"),
            ("inactive_file", "nr_inactive_file"), ("unevictable", "nr_unevictable"),
            ("isolated(anon)", "nr_isolated_anon"), ("isolated(file)", "nr_isolated_file"), ("mapped", "nr_mapped"),
            ("dirty", "nr_dirty"), ("writeback", "nr_writeback"), ("shmem", "nr_shmem"),
        ])
            Item(text, name, stat[counter]);
        text.Append(" shmem_thp:0kB shmem_pmdmapped:0kB anon_thp:0kB kernel_stack:0kB");
        Item(text, "pagetables", stat["nr_page_table_pages"]);
        text.Append(" sec_pagetables:0kB all_unreclaimable? ").Append(isHopeless ? "yes" : "no");
        text.Append(" Balloon:0kB\n");
    }

    private void AppendZone(StringBuilder text, Zone zone, int cpu)
    {
        var census = new ZoneCensus(context.Memory.Map, zone);
        Watermarks marks = zone.Watermarks;
        text.Append("Node 0 ").Append(BuddyInfo.NameOf(zone.Type));
        Item(text, "free", zone.FreePages);
        Item(text, "boost", 0);
        Item(text, "min", marks.MinPages);
        Item(text, "low", marks.LowPages);
        Item(text, "high", marks.HighPages);
        text.Append(" reserved_highatomic:0KB free_highatomic:0KB");
        Item(text, "active_anon", census.ActiveAnon);
        Item(text, "inactive_anon", census.InactiveAnon);
        Item(text, "active_file", census.ActiveFile);
        Item(text, "inactive_file", census.InactiveFile);
        Item(text, "unevictable", census.Unevictable);
        Item(text, "writepending", census.WritePending);
        Item(text, "zspages", 0);
        Item(text, "present", zone.PresentPages);
        Item(text, "managed", zone.ManagedPages);
        Item(text, "mlocked", census.Locked);
        Item(text, "bounce", 0);
        Item(text, "free_pcp", OnCpuLists(zone));
        Item(text, "local_pcp", zone.PerCpuPages[cpu].Count);
        text.Append(" free_cma:0kB\nlowmem_reserve[]:");
        for (int i = 0; i < ZoneMax; i++)
        {
            var highest = (ZoneType)Math.Min(i, (int)ZoneType.Normal);
            text.Append(ProcFormat.Invariant, $" {zone.LowmemReserve(highest)}");
        }

        text.Append('\n');
    }

    private void AppendFreeLists(StringBuilder text, Zone zone)
    {
        long total = 0;
        text.Append("Node 0 ").Append(BuddyInfo.NameOf(zone.Type)).Append(": ");
        for (int order = 0; order < zone.FreeAreas.Count; order++)
        {
            FreeArea area = zone.FreeAreas[order];
            total += area.FreeBlocks << order;
            text.Append(ProcFormat.Invariant, $"{area.FreeBlocks}*{context.Kb(1) << order}kB ");
            if (area.FreeBlocks == 0)
                continue;
            text.Append('(');
            for (MigrateType type = 0; type < (MigrateType)MigrateTypes.Count; type++)
                text.Append(area.Count(type) > 0 ? "UME".Substring((int)type, 1) : "");
            text.Append(") ");
        }

        text.Append(ProcFormat.Invariant, $"= {context.Kb(total)}kB\n");
    }

    private static long OnCpuLists(Zone zone) => zone.PerCpuPages.Sum(list => (long)list.Count);

    private void Item(StringBuilder text, string name, long pages) =>
        text.Append(' ').Append(name).Append(ProcFormat.Invariant, $":{context.Kb(pages)}kB");
}
