namespace LinuxMem.Mm.Tasks;

/// <summary>What a task, or all tasks that a process ever had, used of CPUs.</summary>
/// <remarks>
/// Linux: struct task_struct: utime, stime, nvcsw, nivcsw; struct signal_struct sums them up; v6.18, as a kernel with
/// VIRT_CPU_ACCOUNTING_GEN counts them: to the nanosecond, not by ticks.
/// </remarks>
/// <param name="TotalNs">Time on a CPU.</param>
/// <param name="UserNs">Of it, time in which the program ran; the rest is the kernel's on its behalf.</param>
/// <param name="VoluntarySwitches">Times that a task left its CPU because it waited for something.</param>
/// <param name="InvoluntarySwitches">Times that it left its CPU to another task.</param>
public readonly record struct CpuUsage(
    long TotalNs, long UserNs, long VoluntarySwitches, long InvoluntarySwitches)
{
    /// <summary>Time in the kernel.</summary>
    public long SystemNs => TotalNs - UserNs;

    /// <summary>Of two together.</summary>
    public static CpuUsage operator +(CpuUsage a, CpuUsage b) => new(
        a.TotalNs + b.TotalNs, a.UserNs + b.UserNs, a.VoluntarySwitches + b.VoluntarySwitches,
        a.InvoluntarySwitches + b.InvoluntarySwitches);
}
