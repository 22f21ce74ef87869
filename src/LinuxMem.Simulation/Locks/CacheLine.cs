namespace LinuxMem.Simulation.Locks;

/// <summary>
/// The cache line of a lock's count: who only reads under the lock must still write the count, so that readers on many
/// CPUs wait for one line.
/// </summary>
public sealed class CacheLine
{
    private readonly BusyTimeline busy = new();
    private int lastCpu = -1;

    /// <summary>
    /// A CPU changes the line so many times. Returns when it is done: at once if it was the last to have it.
    /// </summary>
    /// <param name="cpu">The CPU.</param>
    /// <param name="times">Atomic operations.</param>
    /// <param name="atNs">When it begins.</param>
    /// <param name="floorNs">Nobody asks for an earlier moment any more.</param>
    /// <param name="settings">What it costs.</param>
    /// <param name="holder">Who it is.</param>
    public long Change(int cpu, int times, long atNs, long floorNs, LockSettings settings, LockHolder holder)
    {
        if (cpu == lastCpu)
            return atNs;
        bool isFirst = lastCpu < 0;
        long farNs = Pass(cpu, settings);
        if (isFirst)
            return atNs;
        long ns = times * ((busy.IsTakenAt(atNs) ? settings.ContendedLineNs : settings.LineNs) + farNs);
        return ns == 0 ? atNs : busy.Take(atNs, ns, holder, floorNs, out _) + ns;
    }

    /// <summary>A CPU takes the line over whose cost is counted elsewhere; what its way adds, in nanoseconds.</summary>
    public long Pass(int cpu, LockSettings settings)
    {
        long farNs = FarNs(cpu, settings);
        lastCpu = cpu;
        return farNs;
    }

    /// <summary>What the line's way to a CPU adds, in nanoseconds.</summary>
    public long FarNs(int cpu, LockSettings settings) => lastCpu < 0 ? 0 : settings.FarNs(lastCpu, cpu);

    /// <summary>A CPU needs the line, which it alone wants now; what it waits for it, in nanoseconds.</summary>
    public long Fetch(int cpu, LockSettings settings)
    {
        bool isHere = lastCpu == cpu || lastCpu < 0;
        long farNs = Pass(cpu, settings);
        return isHere ? 0 : settings.LineNs + farNs;
    }
}
