using System.Globalization;
using System.Text;
using LinuxMem.Mm.Accounting;
using LinuxMem.Mm.PageAlloc;
using LinuxMem.Mm.Proc.Machine;
using LinuxMem.Mm.Proc.Process;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Mm.Proc.Sys;

/// <summary>
/// The files of /proc/sys and /sys: tunables that are modelled, the CPUs, the one node, and that there are no huge
/// pages.
/// </summary>
/// <remarks>Linux: mm/page_alloc.c, mm/util.c: vm tables; drivers/base/{cpu,node}.c; mm/huge_memory.c, v6.18.</remarks>
public static class SysFiles
{
    /// <summary>The setting of each pid namespace: who reads it sees its own's.</summary>
    public const string MemfdNoexec = "/proc/sys/vm/memfd_noexec";

    private const string Node = "/sys/devices/system/node/node0/";

    /// <summary>Their paths, in order.</summary>
    public static IReadOnlyList<string> Paths { get; } =
    [
        "/proc/sys/kernel/osrelease", "/proc/sys/kernel/ostype", "/proc/sys/kernel/pid_max",
        "/proc/sys/kernel/threads-max", "/proc/sys/vm/lowmem_reserve_ratio", "/proc/sys/vm/max_map_count",
        MemfdNoexec,
        "/proc/sys/vm/min_free_kbytes", "/proc/sys/vm/mmap_min_addr", "/proc/sys/vm/nr_hugepages",
        "/proc/sys/vm/nr_overcommit_hugepages", "/proc/sys/vm/oom_dump_tasks",
        "/proc/sys/vm/oom_kill_allocating_task",
        "/proc/sys/vm/overcommit_kbytes", "/proc/sys/vm/overcommit_memory", "/proc/sys/vm/overcommit_ratio",
        "/proc/sys/vm/panic_on_oom",
        "/proc/sys/vm/watermark_boost_factor", "/proc/sys/vm/watermark_scale_factor",
        "/sys/devices/system/cpu/online", "/sys/devices/system/cpu/possible", "/sys/devices/system/cpu/present",
        "/sys/devices/system/node/has_cpu", "/sys/devices/system/node/has_memory",
        "/sys/devices/system/node/has_normal_memory", Node + "cpulist", Node + "cpumap", Node + "distance",
        Node + "meminfo", Node + "numastat", Node + "vmstat", "/sys/devices/system/node/online",
        "/sys/devices/system/node/possible", ExtfragText.ExtfragPath, ExtfragText.UnusablePath, .. KsmFiles.Paths,
        "/sys/kernel/mm/transparent_hugepage/enabled",
        "/sys/kernel/mm/transparent_hugepage/hpage_pmd_size",
        "/sys/kernel/mm/transparent_hugepage/shmem_enabled",
    ];

    /// <summary>The text at a path, or null.</summary>
    public static string? Find(string path, ProcContext context)
    {
        if (CgroupFiles.Find(path, context) is { } ofGroup)
            return ofGroup;
        if (path.StartsWith("/proc/sys/vm/", StringComparison.Ordinal))
            return Vm(path[13..], context);
        if (path.StartsWith(Node, StringComparison.Ordinal))
            return NodeText(path[Node.Length..], context);
        if (path.StartsWith(KsmFiles.Directory, StringComparison.Ordinal))
            return KsmFiles.Find(path[KsmFiles.Directory.Length..], context);
        return path switch
        {
            "/proc/sys/kernel/osrelease" => Syscalls.User.UnameCall.Release + "\n",
            "/proc/sys/kernel/ostype" => "Linux\n",
            "/proc/sys/kernel/pid_max" => "4194304\n",
            "/proc/sys/kernel/threads-max" => Line(LimitsText.MaxThreads(context)),
            "/sys/devices/system/cpu/online" or "/sys/devices/system/cpu/possible"
                or "/sys/devices/system/cpu/present" => CpuMask.List(context.Settings.Cpus) + "\n",
            "/sys/devices/system/node/online" or "/sys/devices/system/node/possible"
                or "/sys/devices/system/node/has_cpu" or "/sys/devices/system/node/has_memory" => "0\n",
            ExtfragText.ExtfragPath => ExtfragText.Of(context, FragmentationIndex.External),
            ExtfragText.UnusablePath => ExtfragText.Of(context, FragmentationIndex.Unusable),
            "/sys/devices/system/node/has_normal_memory" => context.Memory.Allocator.Zones.Count > 2 ? "0\n" : "\n",
            "/sys/kernel/mm/transparent_hugepage/enabled" => "always madvise [never]\n",
            "/sys/kernel/mm/transparent_hugepage/hpage_pmd_size" => "2097152\n",
            "/sys/kernel/mm/transparent_hugepage/shmem_enabled" =>
                "always within_size advise [never] deny force\n",
            _ => null,
        };
    }

    private static string? Vm(string name, ProcContext context)
    {
        VmSettings vm = context.Settings.Vm;
        VmTunables now = context.Memory.Tunables;
        return name switch
        {
            "lowmem_reserve_ratio" => "256\t256\t32\t0\t0\n",
            "memfd_noexec" => Line(context.Tasks.InitialNamespace.MemfdNoexec),
            "max_map_count" => Line(now.MaxMapCount),
            "min_free_kbytes" => Line(vm.MinFreeKbytes
                ?? WatermarkFormula.MinFreeKbytes(context.Kb(context.Memory.Allocator.ManagedPages))),
            "mmap_min_addr" => Line((long)vm.MmapMinAddr),
            "nr_hugepages" => Line(context.Memory.Huge.Usual.Total),
            "nr_overcommit_hugepages" => Line(context.Memory.Huge.Usual.SurplusMax),
            "watermark_boost_factor" => "0\n",
            "oom_dump_tasks" => Line(vm.OomDumpTasks ? 1 : 0),
            "oom_kill_allocating_task" => Line(vm.OomKillAllocatingTask ? 1 : 0),
            "panic_on_oom" => Line(vm.PanicOnOom),
            "overcommit_kbytes" => Line((long)now.OvercommitKbytes),
            "overcommit_memory" => Line((long)now.OvercommitMemory),
            // Linux shows the ratio as 0 where an amount takes its place.
            "overcommit_ratio" => Line(now.OvercommitKbytes != 0 ? 0 : now.OvercommitRatio),
            "watermark_scale_factor" => Line(vm.WatermarkScaleFactor),
            _ => null,
        };
    }

    private static string? NodeText(string name, ProcContext context)
    {
        var stat = new VmstatValues(context);
        return name switch
        {
            "cpulist" => CpuMask.List(context.Settings.Cpus) + "\n",
            "cpumap" => CpuMask.Hex(context.Settings.Cpus) + "\n",
            "distance" => "10\n",
            "meminfo" => NodeMeminfo.Of(context, stat),
            "numastat" => string.Create(CultureInfo.InvariantCulture, $"numa_hit {stat["numa_hit"]}\n")
                + "numa_miss 0\nnuma_foreign 0\ninterleave_hit 0\n"
                + string.Create(CultureInfo.InvariantCulture, $"local_node {stat["numa_local"]}\nother_node 0\n"),
            "vmstat" => NodeVmstat(stat),
            _ => null,
        };
    }

    // Linux: drivers/base/node.c: node_read_vmstat, v6.18.
    private static string NodeVmstat(VmstatValues stat)
    {
        var text = new StringBuilder();
        int end = VmstatValues.IndexOf("nr_dirty_threshold");
        for (int i = 0; i < end; i++)
            text.Append(CultureInfo.InvariantCulture, $"{VmstatNames.All[i]} {stat.All[i]}\n");
        return text.ToString();
    }

    private static string Line(long value) => value.ToString(CultureInfo.InvariantCulture) + "\n";

    private static string Line(ulong value) => value.ToString(CultureInfo.InvariantCulture) + "\n";
}
