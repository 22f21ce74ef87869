using LinuxMem.Mm.Tasks;

namespace LinuxMem.Mm.Oom;

/// <summary>Chooses who dies when memory is out.</summary>
/// <remarks>
/// Linux: mm/oom_kill.c: oom_badness, select_bad_process, v6.18. Points are pages of RAM plus pages of page tables plus
/// the adjustment; of equals the later in the task list, here the higher pid. While a victim is still dying nobody else
/// is chosen.
/// </remarks>
public static class OomKiller
{
    /// <summary>Stands for a process that is never killed.</summary>
    public const int ScoreAdjMin = -1000;

    /// <summary>The process to kill; null if a victim is already dying or nobody can be killed.</summary>
    /// <param name="table">The process table.</param>
    /// <param name="totalPages">Pages of RAM.</param>
    /// <param name="victimDying">Whether a victim is on its way out.</param>
    public static ThreadGroup? Select(TaskTable table, long totalPages, out bool victimDying)
    {
        ThreadGroup? chosen = null;
        long chosenPoints = long.MinValue;
        victimDying = false;
        foreach (ThreadGroup group in table.Groups)
        {
            if (group.IsDead || group.OomScoreAdj == ScoreAdjMin)
                continue;
            if (group.Tasks[0].GroupExiting)
            {
                victimDying = true;
                return null;
            }

            long points = Badness(group, totalPages);
            if (points < chosenPoints)
                continue;
            chosen = group;
            chosenPoints = points;
        }

        return chosen;
    }

    /// <summary>How bad a process is, in pages.</summary>
    public static long Badness(ThreadGroup group, long totalPages)
    {
        Mm mm = group.Tasks[0].Mm;
        return mm.Rss + mm.PageTablePages + (group.OomScoreAdj * totalPages / 1000);
    }
}
