using LinuxMem.Mm.Tasks;

namespace LinuxMem.Actors.Kernel;

/// <summary>The times of the machine's CPUs, for /proc.</summary>
public sealed class CpuTimes : ICpuTimes
{
    private readonly CpuState[] cpus;

    /// <summary>Of a machine's CPUs.</summary>
    public CpuTimes(CpuState[] cpus) => this.cpus = cpus;

    /// <inheritdoc/>
    public long ContextSwitches => cpus.Sum(cpu => cpu.ContextSwitches);

    /// <inheritdoc/>
    public long BusyNs(int cpu, long nowNs) => cpus[cpu].BusyNs + RunningNs(cpus[cpu], nowNs);

    /// <inheritdoc/>
    public long IoWaitNs(int cpu, long nowNs) => cpus[cpu].IoWaitNsAt(nowNs);

    /// <inheritdoc/>
    public long UserNs(int cpu, long nowNs) => cpus[cpu].UserNs + cpus[cpu].RunningUserNs(nowNs);

    /// <inheritdoc/>
    public CpuUsage Running(TaskStruct task, long nowNs)
    {
        if (task.LastCpu < 0 || cpus[task.LastCpu].Task != task)
            return default;
        CpuState state = cpus[task.LastCpu];
        return new CpuUsage(RunningNs(state, nowNs), state.SliceUserNs + state.RunningUserNs(nowNs), 0, 0);
    }

    private static long RunningNs(CpuState state, long nowNs) =>
        state.Task is null ? 0 : Math.Max(0, nowNs - state.CountedFromNs);
}
