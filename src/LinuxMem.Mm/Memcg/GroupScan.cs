using LinuxMem.Arch.Addresses;
using LinuxMem.Mm.Lru;
using LinuxMem.Mm.Reclaim;
using LinuxMem.Mm.Stats;

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
    /// <param name="target">The group.</param>
    /// <param name="control">The attempt: says whether memory.low holds, and is told of those spared for it.</param>
    /// <param name="request">What is wanted; takes in what was looked at.</param>
    /// <param name="victims">Takes in the pages.</param>
    public void Select(MemCgroup target, ScanControl control, ref ScanRequest request, List<Pfn> victims)
    {
        long all = 0;
        asked.Clear();
        foreach (MemCgroup group in groups.All)
        {
            if (!group.IsWithin(target) || KeptOf(group, target, control) is not { } kept)
                continue;
            long pages = lru.CountOf(group.Id);
            if (pages == 0)
                continue;
            long weight = Math.Max(1, pages - (pages * kept / (group.Usage + 1)));
            asked.Add((group, weight));
            all += weight;
        }

        AskEach(target, control, ref request, victims, all);
    }

    // Pages of a group that it is protected for; null if all of them are.
    private static long? KeptOf(MemCgroup group, MemCgroup target, ScanControl control)
    {
        long min = Protection.Min(group, target);
        long low = Protection.Low(group, target);
        if (min > 0 && group.Usage <= min)
            return null;
        bool isBelowLow = low > 0 && group.Usage <= low;
        if (isBelowLow && control.BreaksLow)
            Tell(group);
        if (control.BreaksLow || low <= min)
            return min;
        control.HasSparedLow = true;
        return isBelowLow ? null : low;
    }

    private void AskEach(MemCgroup target, ScanControl control, ref ScanRequest request, List<Pfn> victims, long all)
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
                ScannedFile = 0,
                Refilled = 0,
            };
            lru.SelectOf(group.Id, ref part, victims);
            request.Scanned += part.Scanned;
            request.ScannedFile += part.ScannedFile;
            request.Refilled += part.Refilled;
            group.Count(control.IsKswapd ? VmEvent.PgScanKswapd : VmEvent.PgScanDirect, part.Scanned - part.Refilled);
        }
    }

    private static void Tell(MemCgroup group)
    {
        foreach (MemCgroup told in group.Chain)
            told.Events.Low++;
    }
}
