namespace LinuxMem.Mm.Tasks;

/// <summary>Time on CPUs, which their owner counts.</summary>
public interface ICpuTimes
{
    /// <summary>Time that a CPU had a task until now, in nanoseconds.</summary>
    long BusyNs(int cpu, long nowNs);

    /// <summary>Of <see cref="BusyNs"/>, the time in which programs ran, in nanoseconds.</summary>
    long UserNs(int cpu, long nowNs);

    /// <summary>Time that a CPU had no task, while one that ran there last waited for a disk, in nanoseconds.</summary>
    long IoWaitNs(int cpu, long nowNs);

    /// <summary>What a task has used that is not in its <see cref="TaskStruct.Cpu"/> yet.</summary>
    CpuUsage Running(TaskStruct task, long nowNs);

    /// <summary>Switches from one task to another, on all CPUs.</summary>
    long ContextSwitches { get; }

    /// <summary>What a task has used until now.</summary>
    CpuUsage Of(TaskStruct task, long nowNs) => task.Cpu + Running(task, nowNs);

    /// <summary>What a process has used until now, all its tasks together.</summary>
    CpuUsage Of(ThreadGroup group, long nowNs)
    {
        CpuUsage sum = group.Cpu;
        foreach (TaskStruct task in group.Tasks)
            sum += Running(task, nowNs);
        return sum;
    }
}

/// <summary>A kernel without CPUs that run: every time is zero.</summary>
public sealed class NoCpuTimes : ICpuTimes
{
    /// <inheritdoc/>
    public long ContextSwitches => 0;

    /// <inheritdoc/>
    public long BusyNs(int cpu, long nowNs) => 0;

    /// <inheritdoc/>
    public long UserNs(int cpu, long nowNs) => 0;

    /// <inheritdoc/>
    public long IoWaitNs(int cpu, long nowNs) => 0;

    /// <inheritdoc/>
    public CpuUsage Running(TaskStruct task, long nowNs) => default;
}
