using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.Lru;

namespace LinuxMem.Mm.Memcg;

/// <summary>
/// Chooses pages to leave from the lists of several groups: from each by what it has and is not protected for, another
/// one being asked first each time.
/// </summary>
/// <remarks>Linux: mm/vmscan.c: shrink_node_memcgs, get_scan_count (protection), v6.18.</remarks>
public sealed class GroupScan
{
    private readonly MemCgroups groups;
    private readonly Lruvec lru;
    private readonly List<(MemCgroup Group, long Weight)> asked = [];
    private int turn;

    /// <summary>Over a machine's groups and lists.</summary>
    public GroupScan(MemCgroups groups, Lruvec lru)
    {
        this.groups = groups;
        this.lru = lru;
    }

    /// <summary>Adds pages of a group and those below it to the victims, the root's for all of the machine.</summary>
    public void Select(MemCgroup target, ref ScanRequest request, List<Pfn> victims)
    {
        int before = victims.Count;
        bool spared = Ask(target, ref request, victims, breakLow: false);
        // Only when there is nothing else does memory.low not hold.
        if (victims.Count == before && spared && request.Priority == 0)
            Ask(target, ref request, victims, breakLow: true);
    }

    // True if somebody was spared for memory.low.
    private bool Ask(MemCgroup target, ref ScanRequest request, List<Pfn> victims, bool breakLow)
    {
        bool spared = false;
        long all = 0;
        asked.Clear();
        foreach (MemCgroup group in groups.All)
        {
            if (!group.IsWithin(target))
                continue;
            long pages = lru.CountOf(group.Id);
            long min = Protection.Min(group, target);
            long low = Protection.Low(group, target);
            bool isSpared = min < group.Usage && low > 0 && group.Usage <= low;
            spared |= isSpared;
            if (pages == 0 || (min > 0 && group.Usage <= min) || (isSpared && !breakLow))
                continue;
            if (isSpared)
                Tell(group);
            long kept = Math.Max(min, breakLow ? 0 : low);
            long weight = Math.Max(1, pages - (pages * kept / (group.Usage + 1)));
            asked.Add((group, weight));
            all += weight;
        }

        AskEach(target, ref request, victims, all);
        return spared;
    }

    private void AskEach(MemCgroup target, ref ScanRequest request, List<Pfn> victims, long all)
    {
        int wanted = request.Wanted;
        int end = victims.Count + wanted;
        int first = asked.Count == 0 ? 0 : turn++ % asked.Count;
        for (int i = 0; i < asked.Count && victims.Count < end; i++)
        {
            (MemCgroup group, long weight) = asked[(first + i) % asked.Count];
            var part = request with
            {
                Wanted = (int)Math.Min(end - victims.Count, ((wanted * weight) + all - 1) / all),
                MaySwap = request.MaySwap && MemCgroups.HasSwapRoom(group),
                // That files are few is of no account where a group is full and not the machine.
                FreePages = target.Parent is null ? request.FreePages : long.MaxValue / 4,
                Scanned = 0,
            };
            lru.SelectOf(group.Id, ref part, victims);
            request.Scanned += part.Scanned;
        }
    }

    private static void Tell(MemCgroup group)
    {
        foreach (MemCgroup told in group.Chain)
            told.Events.Low++;
    }
}
