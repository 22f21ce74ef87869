using LinuxMem.Mm.Tasks;

namespace LinuxMem.Mm.Poison;

/// <summary>Who of a process wants to know at once that a page of it is lost, before anybody accesses it.</summary>
/// <remarks>Linux: mm/memory-failure.c: find_early_kill_thread; kernel/sys.c: PR_MCE_KILL, v6.18.</remarks>
public static class EarlyKill
{
    /// <summary>The thread that gets SIGBUS (BUS_MCEERR_AO); null if none wants it.</summary>
    /// <param name="group">The process.</param>
    /// <param name="isUsual">
    /// vm.memory_failure_early_kill, for threads that have not said (PR_MCE_KILL_DEFAULT).
    /// </param>
    public static TaskStruct? ThreadOf(ThreadGroup group, bool isUsual)
    {
        foreach (TaskStruct task in group.Tasks)
        {
            bool wants = task.Prctl.MceKill == PrctlState.MceKillDefault
                ? isUsual : task.Prctl.MceKill == PrctlState.MceKillEarly;
            if (wants && task.State != TaskState.Dead)
                return task;
        }

        return null;
    }
}
