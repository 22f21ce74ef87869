using System.Text;
using LinuxMem.Mm.Memcg;
using LinuxMem.Mm.Tasks;

namespace LinuxMem.Mm.Proc.Sys;

/// <summary>The files of memory cgroups in /sys/fs/cgroup.</summary>
/// <remarks>
/// Linux: mm/memcontrol.c: memory_files, swap_files; kernel/cgroup/cgroup.c, v6.18. They are read only: groups and who
/// belongs to them are the scenario's.
/// </remarks>
public static class CgroupFiles
{
    private const string Top = "/sys/fs/cgroup/";

    private static readonly string[] Names =
    [
        "cgroup.procs", "memory.current", "memory.events", "memory.high", "memory.low", "memory.max", "memory.min",
        "memory.oom.group", "memory.peak", "memory.pressure", "memory.stat", "memory.swap.current",
        "memory.swap.events", "memory.swap.max", "memory.swap.peak",
    ];

    /// <summary>The paths of all of them, in order.</summary>
    public static IEnumerable<string> Paths(ProcContext context)
    {
        foreach (MemCgroup group in context.Memory.Groups?.All ?? [])
        {
            foreach (string name in group.Parent is null ? ["cgroup.procs", "memory.stat"] : Names)
                yield return Top + (group.Parent is null ? "" : group.Path + "/") + name;
        }
    }

    /// <summary>The text at a path; null if there is none.</summary>
    public static string? Find(string path, ProcContext context)
    {
        if (context.Memory.Groups is not { } groups || !path.StartsWith(Top, StringComparison.Ordinal))
            return null;
        string rest = path[Top.Length..];
        int slash = rest.LastIndexOf('/');
        if (groups.Find(slash < 0 ? "" : rest[..slash]) is not { } group)
            return null;
        string name = rest[(slash + 1)..];
        if (group.Parent is null && name is not ("cgroup.procs" or "memory.stat"))
            return null;
        return TextOf(name, group, context);
    }

    private static string? TextOf(string name, MemCgroup group, ProcContext context) => name switch
    {
        "cgroup.procs" => Processes(group, context),
        "memory.current" => Bytes(group.Usage, context),
        "memory.events" => Events(group),
        "memory.high" => Limit(group.High, context),
        "memory.low" => Limit(group.Low, context),
        "memory.max" => Limit(group.Max, context),
        "memory.min" => Limit(group.Min, context),
        "memory.oom.group" => group.OomGroup ? "1\n" : "0\n",
        "memory.peak" => Bytes(group.Peak, context),
        "memory.pressure" => Pressure(group, context),
        "memory.stat" => Stat(group, context),
        "memory.swap.current" => Bytes(group.SwapUsage, context),
        "memory.swap.events" => string.Create(ProcFormat.Invariant,
            $"high 0\nmax {group.Events.SwapMax}\nfail {group.Events.SwapMax}\n"),
        "memory.swap.max" => Limit(group.SwapMax, context),
        "memory.swap.peak" => Bytes(group.SwapPeak, context),
        _ => null,
    };

    private static string Bytes(long pages, ProcContext context) =>
        string.Create(ProcFormat.Invariant, $"{pages << context.Memory.Geometry.PageShift}\n");

    private static string Limit(long pages, ProcContext context) =>
        pages == MemCgroup.Unlimited ? "max\n" : Bytes(pages, context);

    private static string Events(MemCgroup group)
    {
        MemCgroupEvents events = group.Events;
        return string.Create(ProcFormat.Invariant, $"low {events.Low}\nhigh {events.High}\nmax {events.Max}\n")
            + string.Create(ProcFormat.Invariant, $"oom {events.Oom}\noom_kill {events.OomKill}\n")
            + string.Create(ProcFormat.Invariant, $"oom_group_kill {events.OomGroupKill}\n");
    }

    private static string Pressure(MemCgroup group, ProcContext context)
    {
        var text = new StringBuilder();
        group.Stall.Advance(context.NowNs);
        group.Stall.MemorySome.AppendLine(text, "some");
        group.Stall.MemoryFull.AppendLine(text, "full");
        return text.ToString();
    }

    private static string Stat(MemCgroup group, ProcContext context)
    {
        var text = new StringBuilder();
        MemoryStatText.Append(text, group, context);
        return text.ToString();
    }

    private static string Processes(MemCgroup group, ProcContext context)
    {
        var text = new StringBuilder();
        foreach (ThreadGroup process in context.Tasks.Groups)
        {
            if (!process.IsDead && (process.Cgroup ?? context.Memory.Groups!.Root) == group)
                text.Append(ProcFormat.Invariant, $"{process.Pid}\n");
        }

        return text.ToString();
    }
}
