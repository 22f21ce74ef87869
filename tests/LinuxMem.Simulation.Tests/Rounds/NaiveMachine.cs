namespace LinuxMem.Simulation.Tests.Rounds;

/// <summary>
/// One thing after the other: always the earliest of all events and traps, events first, then the lower CPU.
/// </summary>
internal sealed class NaiveMachine
{
    private readonly CpuStep[][] cpus;
    private readonly long ipiNs;
    private readonly int[] position;
    private readonly long[] trapNs;
    private readonly long[] resumedNs;
    private readonly long[] idleFromNs;
    private readonly List<long>[] interrupts;
    private readonly List<(long AtNs, int Sequence, int Cpu)> events = [];
    private readonly FuzzHistory history = new();
    private int sequence;

    public NaiveMachine(CpuStep[][] cpus, long ipiNs)
    {
        this.cpus = cpus;
        this.ipiNs = ipiNs;
        position = new int[cpus.Length];
        trapNs = new long[cpus.Length];
        resumedNs = new long[cpus.Length];
        idleFromNs = new long[cpus.Length];
        interrupts = new List<long>[cpus.Length];
        for (int cpu = 0; cpu < cpus.Length; cpu++)
        {
            interrupts[cpu] = [];
            trapNs[cpu] = long.MaxValue;
            events.Add((0, sequence++, cpu));
        }
    }

    public List<Served> Run()
    {
        while (true)
        {
            int cpu = Array.IndexOf(trapNs, trapNs.Min());
            (long AtNs, int Sequence, int Cpu) first = events.Count == 0 ? (long.MaxValue, 0, -1) : events.Min();
            if (first.AtNs == long.MaxValue && trapNs[cpu] == long.MaxValue)
                return history.All;
            if (first.AtNs <= trapNs[cpu])
                Wake(first);
            else
                Trap(cpu, trapNs[cpu]);
        }
    }

    private void Wake((long AtNs, int Sequence, int Cpu) due)
    {
        events.Remove(due);
        history.Note(due.AtNs, due.Cpu, isTrap: false);
        Resume(due.Cpu, Math.Max(due.AtNs, idleFromNs[due.Cpu]));
    }

    private void Trap(int cpu, long atNs)
    {
        CpuStep step = cpus[cpu][position[cpu]++];
        history.Note(atNs, cpu, isTrap: true);
        long endNs = atNs + history.CostNs(step);
        trapNs[cpu] = long.MaxValue;
        if (step.Target >= 0)
            Interrupt(step.Target % cpus.Length, atNs + ipiNs, cpu);
        if (step.SleepNs < 0)
        {
            Resume(cpu, endNs);
            return;
        }

        idleFromNs[cpu] = endNs;
        events.Add((endNs + step.SleepNs, sequence++, cpu));
    }

    private void Interrupt(int target, long atNs, int from)
    {
        if (target == from)
            return;
        if (trapNs[target] != long.MaxValue && Math.Max(atNs, resumedNs[target]) < trapNs[target])
            trapNs[target] += FuzzHistory.InterruptNs;
        else
            interrupts[target].Add(atNs);
    }

    // Interrupts that came meanwhile, or will come on the way to the next trap, put it off.
    private void Resume(int cpu, long atNs)
    {
        if (position[cpu] >= cpus[cpu].Length)
            return;
        long trap = atNs + cpus[cpu][position[cpu]].RunNs;
        while (interrupts[cpu].Count > 0 && Math.Max(interrupts[cpu][0], atNs) < trap)
        {
            trap += FuzzHistory.InterruptNs;
            interrupts[cpu].RemoveAt(0);
        }

        resumedNs[cpu] = atNs;
        trapNs[cpu] = trap;
    }
}
