using System.Globalization;
using System.Text;
using LinuxMem.Mm.Hugetlb;
using LinuxMem.Mm.PageAlloc;

namespace LinuxMem.Mm.Proc.Machine;

/// <summary>/proc/meminfo.</summary>
/// <remarks>
/// Linux: fs/proc/meminfo.c: meminfo_proc_show; mm/show_mem.c: si_mem_available, v6.18, on x86-64. Not modelled, and
/// zero: zswap, slab, kernel stacks, vmalloc, per-CPU memory, huge pages, the kernel's own mapping of RAM.
/// </remarks>
public static class MeminfoText
{
    private const long VmallocTotalKb = 34359738367;

    /// <summary>Appends the text.</summary>
    public static void Append(StringBuilder text, ProcContext context)
    {
        var stat = new VmstatValues(context);
        Span<long> lru =
        [
            stat["nr_active_anon"], stat["nr_inactive_anon"], stat["nr_active_file"], stat["nr_inactive_file"],
        ];
        Line("MemTotal", context.Memory.Allocator.ManagedPages);
        Line("MemFree", stat["nr_free_pages"]);
        Line("MemAvailable", Available(context, stat));
        Line("Buffers", context.Memory.BufferPages);
        Line("Cached", stat["nr_file_pages"] - stat["nr_swapcached"] - context.Memory.BufferPages);
        Line("SwapCached", stat["nr_swapcached"]);
        Line("Active", lru[0] + lru[2]);
        Line("Inactive", lru[1] + lru[3]);
        Line("Active(anon)", lru[0]);
        Line("Inactive(anon)", lru[1]);
        Line("Active(file)", lru[2]);
        Line("Inactive(file)", lru[3]);
        Line("Unevictable", stat["nr_unevictable"]);
        Line("Mlocked", stat["nr_mlock"]);
        Line("SwapTotal", context.Memory.Swap.TotalSlots);
        Line("SwapFree", context.Memory.Swap.FreeSlots);
        Zeros(["Zswap", "Zswapped"]);
        Line("Dirty", stat["nr_dirty"]);
        Line("Writeback", stat["nr_writeback"]);
        Line("AnonPages", stat["nr_anon_pages"]);
        Line("Mapped", stat["nr_mapped"]);
        Line("Shmem", stat["nr_shmem"]);
        Line("KReclaimable", stat["nr_slab_reclaimable"] + stat["nr_kernel_misc_reclaimable"]);
        Line("Slab", stat["nr_slab_reclaimable"] + stat["nr_slab_unreclaimable"]);
        Line("SReclaimable", stat["nr_slab_reclaimable"]);
        Line("SUnreclaim", stat["nr_slab_unreclaimable"]);
        text.AppendKb("KernelStack:    ", stat["nr_kernel_stack"]);
        Line("PageTables", stat["nr_page_table_pages"]);
        Line("SecPageTables", stat["nr_sec_page_table_pages"]);
        Zeros(["NFS_Unstable", "Bounce", "WritebackTmp"]);
        Line("CommitLimit", context.Overcommit.LimitPages);
        Line("Committed_AS", context.Overcommit.CommittedPages);
        text.AppendKb("VmallocTotal:   ", VmallocTotalKb);
        Zeros(["VmallocUsed", "VmallocChunk", "Percpu", "AnonHugePages", "ShmemHugePages", "ShmemPmdMapped",
            "FileHugePages", "FilePmdMapped", "Balloon"]);
        HugePool huge = context.Memory.Huge.Usual;
        Count("HugePages_Total:", huge.Total);
        Count("HugePages_Free: ", huge.Free);
        Count("HugePages_Rsvd: ", huge.Reserved);
        Count("HugePages_Surp: ", huge.Surplus);
        text.AppendKb("Hugepagesize:   ", huge.Bytes >> 10);
        text.AppendKb("Hugetlb:        ", (ulong)huge.Total * (huge.Bytes >> 10));
        Zeros(["DirectMap4k", "DirectMap2M", "DirectMap1G"]);

        void Count(string name, long pages) => text.Append(CultureInfo.InvariantCulture, $"{name}   {pages,5}\n");

        void Line(string name, long pages) => text.AppendKb((name + ":").PadRight(16), context.Kb(pages));

        void Zeros(ReadOnlySpan<string> names)
        {
            foreach (string name in names)
                Line(name, 0);
        }
    }

    /// <summary>Pages that programs can have without swapping anything out: free and easily made free.</summary>
    /// <remarks>Linux: mm/show_mem.c: si_mem_available, v6.18.</remarks>
    public static long Available(ProcContext context, VmstatValues stat)
    {
        long lowMarks = 0;
        long reserved = 0;
        foreach (Zone zone in context.Memory.Allocator.Zones)
        {
            lowMarks += zone.Watermarks.LowPages;
            reserved += Math.Min(zone.ManagedPages, zone.Watermarks.HighPages + LargestReserve(zone));
        }

        long pageCache = stat["nr_active_file"] + stat["nr_inactive_file"];
        pageCache -= Math.Min(pageCache / 2, lowMarks);
        return Math.Max(0, stat["nr_free_pages"] - reserved + pageCache);
    }

    private static long LargestReserve(Zone zone)
    {
        long largest = 0;
        for (ZoneType type = zone.Type; type <= ZoneType.Normal; type++)
            largest = Math.Max(largest, zone.LowmemReserve(type));
        return largest;
    }
}
