namespace LinuxMem.Simulation.Rounds;

/// <summary>Where a CPU stands in the round.</summary>
public enum CpuPhase
{
    /// <summary>No task: the CPU waits in the kernel's hands and its clock may be set forward.</summary>
    Idle,

    /// <summary>It has a task that may run on from the CPU's clock, and may trap at that very moment.</summary>
    Runnable,

    /// <summary>Its task trapped at the CPU's clock and waits to be served.</summary>
    Trapped,
}

/// <summary>
/// Decides the order of the kernel's history: exactly the order of (virtual time, events before CPUs, CPU number),
/// whatever the window and however many threads carried the CPUs there.
/// </summary>
/// <remarks>
/// A trap is served only when no other CPU could still trap before it: a runnable CPU may trap at its clock, a trapped
/// one at its trap. Serving moves the trapped CPU's clock past the cost of the service, so that several traps are
/// served in one kernel phase as long as they lie before every resumption. Invariant I44: the moments served never go
/// back.
/// </remarks>
public sealed class Conductor
{
    private readonly long[] clockNs;
    private readonly CpuPhase[] phase;
    private readonly long windowNs;
    private readonly long ipiNs;

    /// <summary>A conductor of <paramref name="cpus"/> idle CPUs at time 0.</summary>
    /// <param name="cpus">Number of CPUs.</param>
    /// <param name="windowNs">How far ahead of the slowest a CPU may run when no other can reach it.</param>
    /// <param name="ipiNs">The time after which another CPU's doing can reach it.</param>
    public Conductor(int cpus, long windowNs, long ipiNs)
    {
        clockNs = new long[cpus];
        phase = new CpuPhase[cpus];
        this.windowNs = windowNs;
        this.ipiNs = ipiNs;
    }

    /// <summary>The events to come.</summary>
    public EventHeap Events { get; } = new();

    /// <summary>The moment of the last step served.</summary>
    public long ServedNs { get; private set; }

    /// <summary>Number of CPUs.</summary>
    public int CpuCount => clockNs.Length;

    /// <summary>A CPU's local clock.</summary>
    public long ClockOf(int cpu) => clockNs[cpu];

    /// <summary>Where a CPU stands.</summary>
    public CpuPhase PhaseOf(int cpu) => phase[cpu];

    /// <summary>Takes in a CPU's report: its clock, and whether it trapped there.</summary>
    public void Report(int cpu, long nowNs, bool trapped)
    {
        KernelBug.Assert(nowNs >= clockNs[cpu], $"I44 violated: cpu{cpu} reports {nowNs} ns after {clockNs[cpu]} ns");
        clockNs[cpu] = nowNs;
        phase[cpu] = trapped ? CpuPhase.Trapped : CpuPhase.Runnable;
    }

    /// <summary>Lets a CPU go on with a task from the given moment.</summary>
    public void Resume(int cpu, long atNs)
    {
        KernelBug.Assert(atNs >= clockNs[cpu],
            $"I44 violated: cpu{cpu} resumes at {atNs} ns, its clock is at {clockNs[cpu]} ns");
        clockNs[cpu] = atNs;
        phase[cpu] = CpuPhase.Runnable;
    }

    /// <summary>Lets a CPU go on with a trap that its task sleeps in: it is served when its turn comes.</summary>
    public void GoOn(int cpu, long atNs)
    {
        Resume(cpu, atNs);
        phase[cpu] = CpuPhase.Trapped;
    }

    /// <summary>Leaves a CPU without a task from the given moment on.</summary>
    public void Idle(int cpu, long atNs)
    {
        KernelBug.Assert(atNs >= clockNs[cpu],
            $"I44 violated: cpu{cpu} idles at {atNs} ns, its clock is at {clockNs[cpu]} ns");
        clockNs[cpu] = atNs;
        phase[cpu] = CpuPhase.Idle;
    }

    /// <summary>
    /// Finds the next step in order: an event (<paramref name="cpu"/> is -1; it stays planned) or a trap. False when a
    /// CPU must run first, or when there is nothing left at all.
    /// </summary>
    public bool TryNext(out long atNs, out int cpu)
    {
        atNs = Events.NextAtNs;
        cpu = -1;
        bool trapped = false;
        for (int k = 0; k < clockNs.Length; k++)
        {
            // Strictly earlier: of equal moments the event comes first, then the lower CPU number.
            if (phase[k] != CpuPhase.Idle && clockNs[k] < atNs)
            {
                atNs = clockNs[k];
                cpu = k;
                trapped = phase[k] == CpuPhase.Trapped;
            }
        }

        return cpu >= 0 ? trapped : Events.Count > 0;
    }

    /// <summary>Notes that the step at that moment is being served.</summary>
    public void Serve(long atNs)
    {
        KernelBug.Assert(atNs >= ServedNs, $"I44 violated: {atNs} ns is served after {ServedNs} ns");
        ServedNs = atNs;
    }

    /// <summary>Whether a CPU has a task, running or trapped.</summary>
    public bool IsAnyCpuBusy
    {
        get
        {
            foreach (CpuPhase one in phase)
            {
                if (one != CpuPhase.Idle)
                    return true;
            }

            return false;
        }
    }

    /// <summary>The earliest moment at which anything can still happen.</summary>
    public long EarliestNs()
    {
        long earliest = Events.NextAtNs;
        for (int k = 0; k < clockNs.Length; k++)
        {
            if (phase[k] != CpuPhase.Idle)
                earliest = Math.Min(earliest, clockNs[k]);
        }

        return earliest;
    }

    /// <summary>
    /// How far a CPU may run, given <see cref="EarliestNs"/>: the window, or where others use its address space (or
    /// could come to), the time that an interprocessor interrupt takes.
    /// </summary>
    public long HorizonNs(long earliestNs, bool reachable) =>
        earliestNs + (reachable ? Math.Min(windowNs, ipiNs) : windowNs);
}
