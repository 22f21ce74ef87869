using LinuxMem.Mm.Memcg;
using LinuxMem.Mm.Oom;
using LinuxMem.Mm.Swap;
using LinuxMem.Mm.Tasks;

namespace LinuxMem.Mm.Reclaim;

/// <summary>
/// What is done at the kernel's steps for memory cgroups: those above memory.high shrink, and who made them grow waits;
/// those at memory.max for whose tasks nothing can be got back are out of memory.
/// </summary>
/// <remarks>
/// Linux: mm/memcontrol.c: reclaim_high, calculate_high_delay, __mem_cgroup_handle_over_high, try_charge_memcg, v6.18.
/// </remarks>
public sealed class GroupReclaim
{
    private const int MaxRetries = 16;
    private const long LongestDelayNs = 2_000_000_000; // MEMCG_MAX_HIGH_DELAY_JIFFIES
    private const long LeastDelayNs = 10_000_000;
    private readonly MemCgroups groups;
    private readonly Reclaimer reclaimer;
    private readonly Action<TaskStruct> wake;
    private readonly OomCall killOne;
    private readonly Dictionary<MemCgroup, ScanControl> attempts = [];
    private readonly List<(TaskStruct Task, MemCgroup Group, long UntilNs)> slowed = [];

    /// <summary>Of a machine's groups.</summary>
    public GroupReclaim(MemCgroups groups, Reclaimer reclaimer, Action<TaskStruct> wake,
        OomCall killOne)
    {
        this.groups = groups;
        this.reclaimer = reclaimer;
        this.wake = wake;
        this.killOne = killOne;
    }

    /// <summary>Whether a step is called for.</summary>
    public bool WantsStep
    {
        get
        {
            if (slowed.Count > 0)
                return true;
            foreach (MemCgroup group in groups.All)
            {
                if (group.HighWork > 0)
                    return true;
            }

            return false;
        }
    }

    /// <summary>
    /// Until when a step that is called for can wait, nanoseconds: all that is left to do is to let tasks go on whose
    /// time of punishment is over; 0 if it cannot wait.
    /// </summary>
    public long RestsUntilNs
    {
        get
        {
            long untilNs = long.MaxValue;
            foreach ((TaskStruct task, _, long ns) in slowed)
                untilNs = Math.Min(untilNs, task.State == TaskState.WaitingForMemory ? ns : 0);
            foreach (MemCgroup group in groups.All)
                untilNs = group.HighWork > 0 ? 0 : untilNs;
            return untilNs;
        }
    }

    /// <summary>A task has made its group grow above memory.high: it waits, a step at least.</summary>
    public void StallForHigh(TaskStruct task, MemCgroup group)
    {
        task.State = TaskState.WaitingForMemory;
        task.WaitsForGroup = group;
        slowed.Add((task, group, 0));
        foreach (MemCgroup over in group.Chain)
        {
            if (over.Usage <= over.High)
                continue;
            over.HighFailures = 0;
            foreach (MemCgroup told in over.Chain)
                told.Events.High++;
        }
    }

    /// <summary>
    /// A waiter's attempt has gone on for a step; one that is over begins anew. Only what has looked at everything, and
    /// found nothing, has failed.
    /// </summary>
    public void NoteAttempt(ScanControl attempt)
    {
        attempt.Scanned = 0;
        if (!attempt.IsOver)
            return;
        attempt.Group!.IdleSteps = attempt.Reclaimed > 0 ? 0 : attempt.Group.IdleSteps + 1;
        attempt.Renew();
    }

    /// <summary>Gets back what groups have above memory.high, looking at so many pages at most.</summary>
    public IEnumerator<SwapOperations> Shrink(int budget, long nowNs)
    {
        foreach (MemCgroup group in groups.All)
        {
            if (group.HighWork == 0)
                continue;
            if (!attempts.TryGetValue(group, out ScanControl? control))
                attempts.Add(group, control = new ScanControl { Group = group });
            while (Excess(group) > 0 && control.Scanned < budget && control.Priority >= 0)
            {
                int wanted = (int)Math.Min(Math.Max(Excess(group), ScanControl.ClusterMax), budget);
                for (var pass = reclaimer.Shrink(control, wanted, nowNs); pass.MoveNext();)
                    yield return pass.Current;
                control.Lower();
            }

            control.Scanned = 0;
            if (Excess(group) > 0 && control.Priority >= 0)
                continue;
            reclaimer.AttemptOver(group);
            group.HighFailures = control.Reclaimed > 0 || Excess(group) <= 0 ? 0 : group.HighFailures + 1;
            group.HighWork = Excess(group) > 0 && control.Reclaimed > 0 ? group.HighWork : 0;
            control.Renew();
        }
    }

    // Pages on their way out count as out.
    private static long Excess(MemCgroup group) => group.Usage - group.Reclaiming - group.High;

    /// <summary>
    /// Lets those go on whose group has shrunk, or who have waited long enough. While reclaim gets anything back it is
    /// tried again; the wait begins when it has failed time and again.
    /// </summary>
    public void ReleaseSlowed(long nowNs)
    {
        int kept = 0;
        for (int i = 0; i < slowed.Count; i++)
        {
            (TaskStruct task, MemCgroup group, long untilNs) = slowed[i];
            if (task.State != TaskState.WaitingForMemory)
                continue;
            long delayNs = untilNs == 0 ? DelayNs(group) : 0;
            if (delayNs > 0 && MayShrink(group))
            {
                slowed[kept++] = slowed[i];
                continue;
            }

            if (untilNs == 0)
                untilNs = nowNs + delayNs;
            if (nowNs >= untilNs)
                wake(task);
            else
                slowed[kept++] = (task, group, untilNs);
        }

        slowed.RemoveRange(kept, slowed.Count - kept);
    }

    // Whether a group above memory.high has pages on their way out, or has not been looked through in vain often
    // enough. In the second case it is looked through again.
    private static bool MayShrink(MemCgroup payer)
    {
        bool may = false;
        foreach (MemCgroup group in payer.Chain)
        {
            if (group.Usage <= group.High || group.Unwritten >= ScanControl.ClusterMax)
                continue;
            if (Excess(group) <= 0)
            {
                may = true;
                continue;
            }

            if (group.HighFailures > MaxRetries)
                continue;
            group.HighWork = Math.Max(group.HighWork, 1);
            may = true;
        }

        return may;
    }

    /// <summary>Kills in groups for whose tasks nothing could be got back for long.</summary>
    /// <param name="waiters">Tasks that wait.</param>
    /// <param name="birth">The process that cannot start, since a group is full; null if there is none.</param>
    /// <param name="nowNs">When.</param>
    public void Judge(MemoryWaiters waiters, Newborn? birth, long nowNs)
    {
        foreach (MemCgroup group in groups.All)
        {
            if (group.Id == 0 || (waiters.First(group) is null && group != birth?.FullGroup))
            {
                group.IdleSteps = 0;
                group.Unwritten = 0;
                continue;
            }

            long wish = group == birth?.FullGroup ? 1 : waiters.LeastWish(group);
            bool comes = group.Reclaiming > 0 && group.Unwritten < ScanControl.ClusterMax;
            if (comes || group.Room >= wish)
                group.IdleSteps = 0;
            if (group.IdleSteps < MaxRetries)
                continue;
            group.IdleSteps = 0;
            group.Unwritten = 0;
            foreach (MemCgroup told in group.Chain)
                told.Events.Oom++;
            killOne(new OomRequest(nowNs, waiters.First(group), group, default, ReclaimIsHopeless: false)
            {
                Birth = birth?.FullGroup == group ? birth : null,
            });
        }
    }

    /// <summary>How long a task waits whose group is so much above memory.high that reclaim does not help.</summary>
    public static long DelayNs(MemCgroup group)
    {
        const int precision = 20, scaling = 14;
        long most = 0;
        for (MemCgroup? one = group; one is not null; one = one.Parent)
        {
            if (one.Usage > one.High)
                most = Math.Max(most, ((one.Usage - one.High) << precision) / Math.Max(one.High, 1));
        }

        long ns = (long)Int128.Min((Int128)most * most * 1_000_000_000 >> precision >> scaling, LongestDelayNs);
        return ns <= LeastDelayNs ? 0 : ns;
    }
}
