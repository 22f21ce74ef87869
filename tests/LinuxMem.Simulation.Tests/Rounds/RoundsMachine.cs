using LinuxMem.Simulation.Rounds;

namespace LinuxMem.Simulation.Tests.Rounds;

/// <summary>
/// The same machine in rounds: CPUs run ahead to their horizons, then the conductor says what is served.
/// </summary>
internal sealed class RoundsMachine
{
    private readonly CpuStep[][] cpus;
    private readonly long ipiNs;
    private readonly Conductor conductor;
    private readonly int[] position;
    private readonly long[] leftNs;
    private readonly long[] ranToNs;
    private readonly List<long>[] interrupts;
    private readonly FuzzHistory history = new();

    public RoundsMachine(CpuStep[][] cpus, long ipiNs, long windowNs)
    {
        this.cpus = cpus;
        this.ipiNs = ipiNs;
        conductor = new Conductor(cpus.Length, windowNs, ipiNs);
        position = new int[cpus.Length];
        leftNs = new long[cpus.Length];
        ranToNs = new long[cpus.Length];
        interrupts = new List<long>[cpus.Length];
        for (int cpu = 0; cpu < cpus.Length; cpu++)
        {
            interrupts[cpu] = [];
            conductor.Events.Plan(0, EventKind.WakeTask, cpu);
        }
    }

    public List<Served> Run()
    {
        while (true)
        {
            while (conductor.TryNext(out long atNs, out int cpu))
            {
                conductor.Serve(atNs);
                if (cpu < 0)
                    Wake(conductor.Events.Pop());
                else
                    Trap(cpu, atNs);
            }

            long earliestNs = conductor.EarliestNs();
            if (earliestNs == long.MaxValue)
                return history.All;
            Assert.True(RunCpus(earliestNs), "no CPU can run and nothing can be served");
        }
    }

    // Any CPU can be reached by interrupts where there are several.
    private bool RunCpus(long earliestNs)
    {
        bool ran = false;
        long horizonNs = conductor.HorizonNs(earliestNs, reachable: cpus.Length > 1);
        for (int cpu = cpus.Length - 1; cpu >= 0; cpu--)
        {
            if (conductor.PhaseOf(cpu) != CpuPhase.Runnable || conductor.ClockOf(cpu) >= horizonNs)
                continue;
            RunCpu(cpu, horizonNs);
            ran = true;
        }

        return ran;
    }

    private void RunCpu(int cpu, long untilNs)
    {
        long nowNs = conductor.ClockOf(cpu);
        while (true)
        {
            long trapNs = nowNs + leftNs[cpu];
            long interruptNs = interrupts[cpu].Count == 0 ? long.MaxValue : Math.Max(interrupts[cpu][0], nowNs);
            if (interruptNs < Math.Min(trapNs, untilNs))
            {
                leftNs[cpu] += FuzzHistory.InterruptNs;
                interrupts[cpu].RemoveAt(0);
                continue;
            }

            bool trapped = trapNs < untilNs;
            nowNs = Math.Min(trapNs, untilNs);
            leftNs[cpu] = trapNs - nowNs;
            ranToNs[cpu] = nowNs;
            conductor.Report(cpu, nowNs, trapped);
            return;
        }
    }

    private void Wake(TimedEvent due)
    {
        history.Note(due.AtNs, due.Argument, isTrap: false);
        Resume(due.Argument, Math.Max(due.AtNs, conductor.ClockOf(due.Argument)));
    }

    private void Trap(int cpu, long atNs)
    {
        CpuStep step = cpus[cpu][position[cpu]++];
        history.Note(atNs, cpu, isTrap: true);
        long endNs = atNs + history.CostNs(step);
        if (step.Target >= 0 && step.Target % cpus.Length != cpu)
            Interrupt(step.Target % cpus.Length, atNs + ipiNs);
        if (step.SleepNs < 0)
        {
            Resume(cpu, endNs);
            return;
        }

        conductor.Idle(cpu, endNs);
        conductor.Events.Plan(endNs + step.SleepNs, EventKind.WakeTask, cpu);
    }

    private void Interrupt(int target, long atNs)
    {
        // A CPU that is on its way out of the kernel takes it when it resumes.
        Assert.True(ranToNs[target] <= atNs, $"cpu{target} ran to {ranToNs[target]} ns, interrupted at {atNs} ns");
        interrupts[target].Add(atNs);
    }

    private void Resume(int cpu, long atNs)
    {
        if (position[cpu] >= cpus[cpu].Length)
        {
            conductor.Idle(cpu, atNs);
            return;
        }

        leftNs[cpu] = cpus[cpu][position[cpu]].RunNs;
        conductor.Resume(cpu, atNs);
    }
}
