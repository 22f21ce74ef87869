using System.Text;
using LinuxMem.Mm.Proc.Machine;

namespace LinuxMem.Mm.Proc.Sys;

/// <summary>/sys/devices/system/node/node0/meminfo.</summary>
/// <remarks>Linux: drivers/base/node.c: node_read_meminfo, v6.18. Zero is what /proc/meminfo has as zero.</remarks>
public static class NodeMeminfo
{
    /// <summary>The text.</summary>
    public static string Of(ProcContext context, VmstatValues stat)
    {
        var text = new StringBuilder();
        long total = context.Memory.Allocator.ManagedPages;
        Line("MemTotal", total);
        Line("MemFree", stat["nr_free_pages"]);
        Line("MemUsed", total - stat["nr_free_pages"]);
        Line("SwapCached", stat["nr_swapcached"]);
        Line("Active", stat["nr_active_anon"] + stat["nr_active_file"]);
        Line("Inactive", stat["nr_inactive_anon"] + stat["nr_inactive_file"]);
        Line("Active(anon)", stat["nr_active_anon"]);
        Line("Inactive(anon)", stat["nr_inactive_anon"]);
        Line("Active(file)", stat["nr_active_file"]);
        Line("Inactive(file)", stat["nr_inactive_file"]);
        Line("Unevictable", stat["nr_unevictable"]);
        Line("Mlocked", stat["nr_mlock"]);
        Line("Dirty", stat["nr_dirty"]);
        Line("Writeback", stat["nr_writeback"]);
        Line("FilePages", stat["nr_file_pages"]);
        Line("Mapped", stat["nr_mapped"]);
        Line("AnonPages", stat["nr_anon_pages"]);
        Line("Shmem", stat["nr_shmem"]);
        text.AppendKb("Node 0 KernelStack:    ", stat["nr_kernel_stack"]);
        Line("PageTables", stat["nr_page_table_pages"]);
        foreach (string name in (ReadOnlySpan<string>)["SecPageTables", "NFS_Unstable", "Bounce", "WritebackTmp",
            "KReclaimable", "Slab", "SReclaimable", "SUnreclaim", "AnonHugePages", "ShmemHugePages",
            "ShmemPmdMapped", "FileHugePages", "FilePmdMapped"])
            Line(name, 0);
        text.Append("Node 0 HugePages_Total:     0\nNode 0 HugePages_Free:      0\nNode 0 HugePages_Surp:      0\n");
        return text.ToString();

        void Line(string name, long pages) => text.AppendKb("Node 0 " + (name + ":").PadRight(16), context.Kb(pages));
    }
}
