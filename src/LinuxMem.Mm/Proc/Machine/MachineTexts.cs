using System.Text;
using LinuxMem.Mm.Swap;
using LinuxMem.Mm.Tasks;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Mm.Proc.Machine;

/// <summary>Short texts of /proc about the whole machine.</summary>
public static class MachineTexts
{
    private const long NsPerSecond = 1_000_000_000;

    /// <summary>/proc/uptime: seconds since boot, and seconds that CPUs were idle.</summary>
    /// <remarks>Linux: fs/proc/uptime.c: uptime_proc_show, v6.18.</remarks>
    public static void AppendUptime(StringBuilder text, ProcContext context)
    {
        long idleNs = 0;
        for (int cpu = 0; cpu < context.Settings.Cpus; cpu++)
            idleNs += Math.Max(0, context.NowNs - context.CpuTimes.BusyNs(cpu, context.NowNs));
        AppendSeconds(text, context.NowNs);
        text.Append(' ');
        AppendSeconds(text, idleNs);
        text.Append('\n');
    }

    /// <summary>/proc/loadavg. Averages are not modelled: zero.</summary>
    /// <remarks>Linux: fs/proc/loadavg.c: loadavg_proc_show, v6.18.</remarks>
    public static void AppendLoadavg(StringBuilder text, ProcContext context)
    {
        int lastPid = 0;
        foreach (ThreadGroup group in context.Tasks.Groups)
            lastPid = Math.Max(lastPid, group.Pid);
        int running = StatText.CountTasks(context).Running;
        text.Append(ProcFormat.Invariant, $"0.00 0.00 0.00 {running}/{context.Tasks.LiveTasks} {lastPid}\n");
    }

    /// <summary>/proc/version.</summary>
    /// <remarks>Linux: fs/proc/version.c: version_proc_show, v6.18.</remarks>
    public static void AppendVersion(StringBuilder text) =>
        text.Append("Linux version 6.18.0 (linuxmem) #1 SMP PREEMPT_DYNAMIC\n");

    /// <summary>/proc/swaps: the areas, by number.</summary>
    /// <remarks>Linux: mm/swapfile.c: swap_show, v6.18. Areas under /dev are partitions, others files.</remarks>
    public static void AppendSwaps(StringBuilder text, ProcContext context)
    {
        const int nameColumns = 40, shortNumber = 10_000_000;
        text.Append("Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n");
        SwapOperations swap = context.Memory.Swap;
        for (int i = 0; i < swap.Areas.Length; i++)
        {
            if (!swap.Areas.IsUsed(i))
                continue;
            SwapAreaSettings area = swap.Areas[i];
            bool isDevice = area.Path.StartsWith("/dev/", StringComparison.Ordinal);
            long size = context.Kb(area.Pages - 1), used = context.Kb(swap.UsedSlotsOf(i));
            text.Append(area.Path).Append(' ', Math.Max(1, nameColumns - area.Path.Length));
            text.Append(isDevice ? "partition\t" : "file\t\t").Append(ProcFormat.Invariant, $"{size}\t");
            text.Append(size < shortNumber ? "\t" : "").Append(ProcFormat.Invariant, $"{used}\t");
            text.Append(used < shortNumber ? "\t" : "").Append(ProcFormat.Invariant, $"{area.Priority}\n");
        }
    }

    /// <summary>The record of a CPU in /proc/cpuinfo: what is known of it.</summary>
    /// <remarks>Linux: arch/x86/kernel/cpu/proc.c: show_cpuinfo, v6.18.</remarks>
    public static void AppendCpu(StringBuilder text, ProcContext context, int cpu)
    {
        int cpus = context.Settings.Cpus;
        text.Append(ProcFormat.Invariant, $"processor\t: {cpu}\nphysical id\t: 0\nsiblings\t: {cpus}\n");
        text.Append(ProcFormat.Invariant, $"core id\t\t: {cpu}\ncpu cores\t: {cpus}\n\n");
    }

    private static void AppendSeconds(StringBuilder text, long ns) => text.Append(ProcFormat.Invariant,
        $"{ns / NsPerSecond}.{ns % NsPerSecond / 10_000_000:d2}");
}
