using LinuxMem.Mm.Oom;
using LinuxMem.Mm.Tasks;

namespace LinuxMem.Mm.Proc.Process;

/// <summary>/proc/PID/oom_score: how likely the process is to be killed when memory is out, from 0 to 2000.</summary>
/// <remarks>Linux: fs/proc/base.c: proc_oom_score, v6.18.</remarks>
public static class OomScore
{
    /// <summary>The score; 0 for who is never killed, or dead.</summary>
    public static long Of(ProcContext context, ThreadGroup group)
    {
        if (group.Tasks.Count == 0 || group.OomScoreAdj == OomKiller.ScoreAdjMin)
            return 0;
        long pages = context.Memory.Allocator.ManagedPages + context.Memory.Swap.TotalSlots;
        return (1000 + (OomKiller.Badness(group, pages) * 1000 / pages)) * 2 / 3;
    }
}
