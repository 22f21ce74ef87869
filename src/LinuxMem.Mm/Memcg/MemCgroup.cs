using LinuxMem.Mm.Stats;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Mm.Memcg;

/// <summary>A memory cgroup: limits, what its processes and those below it have, and what has happened to it.</summary>
/// <remarks>Linux: include/linux/memcontrol.h: struct mem_cgroup; mm/page_counter.c, v6.18. Sizes are in pages.
/// </remarks>
public sealed class MemCgroup
{
    /// <summary>Stands for no limit.</summary>
    public const long Unlimited = long.MaxValue;

    /// <summary>The root, which has no limits.</summary>
    internal MemCgroup()
        : this(new CgroupSettings(""), 0, null, 12)
    {
    }

    /// <summary>A group below another.</summary>
    internal MemCgroup(CgroupSettings settings, int id, MemCgroup? parent, int pageShift)
    {
        Path = settings.Path;
        Id = id;
        Parent = parent;
        Min = Pages(settings.MinBytes, pageShift);
        Low = Pages(settings.LowBytes, pageShift);
        High = Pages(settings.HighBytes, pageShift);
        Max = Pages(settings.MaxBytes, pageShift);
        SwapMax = Pages(settings.SwapMaxBytes, pageShift);
        OomGroup = settings.OomGroup;
        parent?.Children.Add(this);
    }

    /// <summary>Path below the root, without a slash in front; empty for the root.</summary>
    public string Path { get; }

    /// <summary>Number, in the order of the settings; 0 is the root.</summary>
    public int Id { get; }

    /// <summary>The group above; null for the root.</summary>
    public MemCgroup? Parent { get; }

    /// <summary>The groups below.</summary>
    public List<MemCgroup> Children { get; } = [];

    /// <summary>memory.min.</summary>
    public long Min { get; }

    /// <summary>memory.low.</summary>
    public long Low { get; }

    /// <summary>memory.high.</summary>
    public long High { get; }

    /// <summary>memory.max.</summary>
    public long Max { get; }

    /// <summary>memory.swap.max.</summary>
    public long SwapMax { get; }

    /// <summary>memory.oom.group.</summary>
    public bool OomGroup { get; }

    /// <summary>Frames charged, those of the groups below included (memory.current).</summary>
    public long Usage { get; internal set; }

    /// <summary>The most that it ever was (memory.peak).</summary>
    public long Peak { get; internal set; }

    /// <summary>Slots of swap charged (memory.swap.current).</summary>
    public long SwapUsage { get; internal set; }

    /// <summary>The most that it ever was (memory.swap.peak).</summary>
    public long SwapPeak { get; internal set; }

    /// <summary>Charges that were refused (the counter's failcnt).</summary>
    public long Refused { get; internal set; }

    /// <summary>The same for swap.</summary>
    public long SwapRefused { get; internal set; }

    /// <summary>What has happened (memory.events).</summary>
    public MemCgroupEvents Events { get; } = new();

    /// <summary>For how long its tasks waited (memory.pressure).</summary>
    public GroupStall Stall { get; } = new();

    /// <summary>What has happened to its pages and its tasks, those of the groups below included (memory.stat).
    /// </summary>
    public VmStat Stat { get; } = new();

    /// <summary>Pages on their way out of memory.</summary>
    public long Reclaiming { get; internal set; }

    /// <summary>Pages charged above memory.high that are to be got back at the next step.</summary>
    public long HighWork { get; internal set; }

    /// <summary>Attempts in a row to get below memory.high that got nothing back.</summary>
    internal int HighFailures { get; set; }

    /// <summary>Pages that could not be written since the last one left.</summary>
    internal long Unwritten { get; set; }

    /// <summary>Attempts in a row that got nothing back for who waits.</summary>
    internal int IdleSteps { get; set; }

    /// <summary>What the limit of the group lets it take still.</summary>
    public long Room => Max == Unlimited ? Unlimited : Math.Max(0, Max - Usage);

    /// <summary>The group and those above it, the root included.</summary>
    public IEnumerable<MemCgroup> Chain
    {
        get
        {
            for (MemCgroup? group = this; group is not null; group = group.Parent)
                yield return group;
        }
    }

    /// <summary>Counts something that has happened, for it and for those above it.</summary>
    /// <remarks>Linux: mm/memcontrol.c: count_memcg_events, v6.18.</remarks>
    public void Count(VmEvent what, long n = 1)
    {
        for (MemCgroup? group = this; group is not null; group = group.Parent)
            group.Stat.Add(what, n);
    }

    /// <summary>Whether it is the other, or below it.</summary>
    public bool IsWithin(MemCgroup other)
    {
        MemCgroup? group = this;
        while (group is not null && group != other)
            group = group.Parent;
        return group is not null;
    }

    /// <summary>The name in the kernel's messages: the path with a slash in front.</summary>
    public string KernelPath => "/" + Path;

    private static long Pages(ulong bytes, int pageShift) =>
        bytes == CgroupSettings.Max ? Unlimited : (long)(bytes >> pageShift);
}

/// <summary>The counts of memory.events; each counts what happened in the groups below too.</summary>
public sealed class MemCgroupEvents
{
    /// <summary>Times that it was reclaimed from though it was below memory.low.</summary>
    public long Low { get; internal set; }

    /// <summary>Times that a task was slowed down or made to reclaim for memory.high.</summary>
    public long High { get; internal set; }

    /// <summary>Times that it was about to go over memory.max.</summary>
    public long Max { get; internal set; }

    /// <summary>Times that it was out of memory.</summary>
    public long Oom { get; internal set; }

    /// <summary>Processes of it that were killed for want of memory, anybody's.</summary>
    public long OomKill { get; internal set; }

    /// <summary>Times that all of it was killed.</summary>
    public long OomGroupKill { get; internal set; }

    /// <summary>Times that it was about to go over memory.swap.max.</summary>
    public long SwapMax { get; internal set; }
}
