using System.Text;
using LinuxMem.Mm.Memcg;
using LinuxMem.Mm.Proc;
using LinuxMem.Mm.Proc.Sys;

namespace LinuxMem.Mm.Oom;

/// <summary>What the kernel's report says of a memory cgroup that is at its limit, in place of all of memory.</summary>
/// <remarks>Linux: mm/memcontrol.c: mem_cgroup_print_oom_meminfo, mem_cgroup_get_max, v6.18.</remarks>
public static class MemcgReport
{
    private const long CounterMax = long.MaxValue / 4096; // PAGE_COUNTER_MAX

    /// <summary>Pages that the processes of a group can have together, in memory and in swap.</summary>
    public static long TotalPages(MemCgroup group, KernelMemory memory)
    {
        long most = Math.Min(group.Max, memory.Allocator.ManagedPages);
        return most + Math.Min(group.SwapMax, memory.Swap.TotalSlots);
    }

    /// <summary>Appends it.</summary>
    public static void Append(StringBuilder text, MemCgroup group, ProcContext context)
    {
        text.Append(ProcFormat.Invariant, $"memory: usage {context.Kb(group.Usage)}kB, limit ");
        text.Append(ProcFormat.Invariant, $"{Limit(group.Max, context)}kB, failcnt {group.Refused}\n");
        text.Append(ProcFormat.Invariant, $"swap: usage {context.Kb(group.SwapUsage)}kB, limit ");
        text.Append(ProcFormat.Invariant, $"{Limit(group.SwapMax, context)}kB, failcnt {group.SwapRefused}\n");
        text.Append("Memory cgroup stats for ").Append(group.KernelPath).Append(":\n");
        MemoryStatText.Append(text, group, context);
    }

    private static long Limit(long pages, ProcContext context) => context.Kb(Math.Min(pages, CounterMax));
}
