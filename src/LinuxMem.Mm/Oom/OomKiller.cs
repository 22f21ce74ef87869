using LinuxMem.Mm.Memcg;
using LinuxMem.Mm.Tasks;
using LinuxMem.Simulation.Mutants;

namespace LinuxMem.Mm.Oom;

/// <summary>Chooses who dies when memory is out.</summary>
/// <remarks>
/// Linux: mm/oom_kill.c: oom_badness, select_bad_process, v6.18. Points are pages of RAM and of swap, and pages of
/// page tables, plus the adjustment; of equals the later in the task list, here the higher pid. While a victim is still
/// dying nobody else is chosen, unless what it had was reaped already.
/// </remarks>
public static class OomKiller
{
    /// <summary>Stands for a process that is never killed.</summary>
    public const int ScoreAdjMin = -1000;

    /// <summary>The process to kill; null if a victim is already dying or nobody can be killed.</summary>
    /// <param name="table">The process table.</param>
    /// <param name="totalPages">Pages of RAM and of swap.</param>
    /// <param name="within">The memory cgroup that is out of memory; null if the machine is.</param>
    /// <param name="victimDying">Whether a victim is on its way out.</param>
    /// <param name="mutant">The bug that is planted, if any.</param>
    public static ThreadGroup? Select(
        TaskTable table, long totalPages, MemCgroup? within, out bool victimDying, Mutant mutant = default)
    {
        ThreadGroup? chosen = null;
        long chosenPoints = long.MinValue;
        victimDying = false;
        foreach (ThreadGroup group in table.Groups)
        {
            if (group.IsDead || group.IsReaped || !IsIn(group, within))
                continue;
            if ((group.OomScoreAdj == ScoreAdjMin || IsInVfork(group)) && !IsOrigin(group))
                continue;
            if (group.Tasks[0].GroupExiting)
            {
                victimDying = true;
                return null;
            }

            // Who makes the memory short on purpose goes first: oom_task_origin.
            long points = IsOrigin(group) ? long.MaxValue : Badness(group, totalPages);
            if (mutant == Mutant.M57A)
                points -= group.OomScoreAdj * (totalPages / 1000);
            else if (mutant == Mutant.M57B)
                points -= group.Tasks[0].Mm.SwapEntries;
            if (points < chosenPoints)
                continue;
            chosen = group;
            chosenPoints = points;
        }

        return chosen;
    }

    /// <summary>How bad a process is, in pages.</summary>
    /// <param name="group">A process that lives.</param>
    /// <param name="totalPages">Pages of RAM and of swap.</param>
    public static long Badness(ThreadGroup group, long totalPages)
    {
        Mm mm = group.Tasks[0].Mm;
        return mm.Rss + mm.SwapEntries + TablePages(mm) + (group.OomScoreAdj * (totalPages / 1000));
    }

    /// <summary>Pages of page tables that count: all but the root (mm_pgtables_bytes).</summary>
    public static long TablePages(Mm mm) => mm.PageTablePages - 1;

    /// <summary>Whether a process belongs to a memory cgroup or one below it; everybody does to null.</summary>
    public static bool IsIn(ThreadGroup group, MemCgroup? within) =>
        within is null || group.Cgroup?.IsWithin(within) == true;

    /// <summary>Whether a process is in swapoff: it goes first, whatever its adjustment.</summary>
    public static bool IsOrigin(ThreadGroup group) => group.Tasks.Any(task => task.IsOomOrigin);

    // The parent waits for it, and has the memory: killing the child would free nothing.
    private static bool IsInVfork(ThreadGroup group) => group.Tasks[0].VforkParent is not null;
}
