using LinuxMem.Mm.Memcg;
using LinuxMem.Mm.Oom;
using LinuxMem.Mm.Tasks;
using LinuxMem.Simulation.Results;

namespace LinuxMem.Actors.Kernel;

/// <summary>Writes down what came of the memory cgroups.</summary>
internal static class GroupResults
{
    /// <summary>The results, in the order of the scenario; none where there are no groups.</summary>
    public static IReadOnlyList<GroupResult> Of(Mm.Kernel kernel, long endNs)
    {
        if (kernel.Memory.Groups is not { } groups)
            return [];
        int shift = kernel.Memory.Geometry.PageShift - 10;
        var results = new List<GroupResult>();
        foreach (MemCgroup group in groups.All.Skip(1))
        {
            ThreadGroup[] members = [.. kernel.Tasks.Groups.Where(g => OomKiller.IsIn(g, group))];
            group.Stall.Advance(endNs);
            results.Add(new GroupResult
            {
                Path = group.Path,
                Processes = members.Length,
                CurrentKiB = group.Usage << shift,
                PeakKiB = group.Peak << shift,
                SwapPeakKiB = group.SwapPeak << shift,
                MajFlt = members.Sum(member => member.MajFlt),
                Events = EventsOf(group.Events),
                MemorySomeNs = group.Stall.MemorySome.TotalNs,
                MemoryFullNs = group.Stall.MemoryFull.TotalNs,
            });
        }

        return results;
    }

    private static List<KeyValuePair<string, long>> EventsOf(MemCgroupEvents events) =>
    [
        new("low", events.Low), new("high", events.High), new("max", events.Max), new("oom", events.Oom),
        new("oom_kill", events.OomKill), new("oom_group_kill", events.OomGroupKill),
    ];
}
