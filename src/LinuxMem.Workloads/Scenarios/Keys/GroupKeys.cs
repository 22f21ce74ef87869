using System.Collections.Immutable;
using LinuxMem.Simulation.Settings;
using LinuxMem.Workloads.Scenarios.Shapes;

namespace LinuxMem.Workloads.Scenarios.Keys;

/// <summary>The keys of a scenario's memory cgroups.</summary>
internal static class GroupKeys
{
    private const int GroupsMax = 1000;
    private const int PathCharsMax = 128;

    /// <summary>The groups, in order.</summary>
    public static Shape<ImmutableArray<CgroupSettings>> Shape() =>
        new ListShape<CgroupSettings>(new LocatedShape<CgroupSettings>(OneGroup()), GroupsMax, "groups");

    /// <summary>The key that names the group of a process.</summary>
    public static Key<string?> OfProcess() => Key.Optional<string?>("group",
        TaskStepKeys.OrNull(new TextShape(1, PathCharsMax)), null,
        "The memory cgroup that it and its children belong to: one of \"groups\".");

    /// <summary>
    /// Whether every group comes after the one that it is in, none is there twice, and processes name groups that are
    /// there.
    /// </summary>
    public static bool Check(ImmutableArray<CgroupSettings> groups, ImmutableArray<ProcessGroup> processes,
        ReadContext context)
    {
        bool isSound = true;
        var known = new HashSet<string>(StringComparer.Ordinal);
        foreach (CgroupSettings group in groups)
        {
            int slash = group.Path.LastIndexOf('/');
            string? problem = slash >= 0 && !known.Contains(group.Path[..slash])
                ? $"group \"{group.Path}\" is in \"{group.Path[..slash]}\", which is no group before it" : null;
            problem = known.Add(group.Path) ? problem : $"group \"{group.Path}\" is there twice";
            if (problem is null)
                continue;
            context.Errors.Add(context.PositionOf(group), problem);
            isSound = false;
        }

        foreach (ProcessGroup process in processes)
        {
            if (process.Cgroup is null || known.Contains(process.Cgroup))
                continue;
            context.Errors.Add(context.PositionOf(process),
                $"\"group\" is \"{process.Cgroup}\", which \"groups\" does not have");
            isSound = false;
        }

        return isSound;
    }

    private static Shape<CgroupSettings> OneGroup()
    {
        var name = Key.Required("name", new TextShape(1, PathCharsMax),
            "Its path below /sys/fs/cgroup: \"web\", or \"web/workers\" after \"web\".");
        Key<ulong> min = Size("min", 0, "memory.min: what is never taken from it.");
        Key<ulong> low = Size("low", 0, "memory.low: what is taken from it only if there is nothing else.");
        Key<ulong> high = Size("high", CgroupSettings.Max, "memory.high: above it its tasks are slowed down.");
        Key<ulong> max = Size("max", CgroupSettings.Max, "memory.max: the most that it may have.");
        Key<ulong> swap = Size("swapMax", CgroupSettings.Max, "memory.swap.max: the most that it may have in swap.");
        var oom = Key.Optional("oomGroup", new FlagShape(), false,
            "memory.oom.group: whether the OOM killer takes all of it or nothing.");
        return new ObjectShape<CgroupSettings>("a group", [name, min, low, high, max, swap, oom], v =>
        {
            if (v.Get(name).Split('/').Any(part => !IsName(part)))
            {
                v.Fail(name, $"\"name\" is \"{v.Get(name)}\"; expected names of letters, digits, '-', '_' or '.', with "
                    + "'/' between them");
            }

            var group = new CgroupSettings(v.Get(name))
            {
                MinBytes = v.Get(min),
                LowBytes = v.Get(low),
                HighBytes = v.Get(high),
                MaxBytes = v.Get(max),
                SwapMaxBytes = v.Get(swap),
                OomGroup = v.Get(oom),
            };
            v.Context.Locate(group, v.Position);
            return group;
        });
    }

    private static bool IsName(string part) => part.Length > 0 && part[0] is not ('-' or '.')
        && part.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');

    private static Key<ulong> Size(string name, ulong usual, string description) =>
        Key.Optional(name, new SizeShape(0, ulong.MaxValue, hasUnlimited: true), usual, description);
}
