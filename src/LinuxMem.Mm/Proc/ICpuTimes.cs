using LinuxMem.Mm.Tasks;

namespace LinuxMem.Mm.Proc;

/// <summary>What /proc shows of the time on CPUs, which their owner counts.</summary>
public interface ICpuTimes
{
    /// <summary>Time that a CPU had a task until now, in nanoseconds.</summary>
    long BusyNs(int cpu, long nowNs);

    /// <summary>Time that a CPU had no task, while one that ran there last waited for a disk, in nanoseconds.</summary>
    long IoWaitNs(int cpu, long nowNs);

    /// <summary>
    /// Time that a task has been on its CPU and that is not in its group's <see cref="ThreadGroup.CpuNs"/> yet.
    /// </summary>
    long RunningNs(TaskStruct task, long nowNs);

    /// <summary>Switches from one task to another, on all CPUs.</summary>
    long ContextSwitches { get; }
}

/// <summary>A kernel without CPUs that run: every time is zero.</summary>
public sealed class NoCpuTimes : ICpuTimes
{
    /// <inheritdoc/>
    public long ContextSwitches => 0;

    /// <inheritdoc/>
    public long BusyNs(int cpu, long nowNs) => 0;

    /// <inheritdoc/>
    public long IoWaitNs(int cpu, long nowNs) => 0;

    /// <inheritdoc/>
    public long RunningNs(TaskStruct task, long nowNs) => 0;
}
