namespace LinuxMem.Workloads.Lackey;

/// <summary>A process with logs: one for each image, and one for the time between fork and execve.</summary>
internal sealed class LoggedProcess(int pid)
{
    /// <summary>The pid; 0 if the log does not say.</summary>
    internal int Pid { get; } = pid;

    /// <summary>Its logs in the order of time.</summary>
    internal List<LackeyLog> Logs { get; } = [];

    /// <summary>The parent's pid as the first log has it: a later one may name whoever adopted the process.</summary>
    internal int ParentPid => Logs[0].ParentPid;

    /// <summary>Whether it was started.</summary>
    internal bool IsTaken { get; set; }

    /// <summary>
    /// By the recorder's order, if the names have one; else what was forked comes before what it executed.
    /// </summary>
    internal static int InOrderOfTime(LackeyLog a, LackeyLog b)
    {
        if (a.Order != b.Order)
            return a.Order.CompareTo(b.Order);
        return a.IsForked != b.IsForked ? (a.IsForked ? -1 : 1) : string.CompareOrdinal(a.Path, b.Path);
    }
}
