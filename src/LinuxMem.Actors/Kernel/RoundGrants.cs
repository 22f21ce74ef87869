using LinuxMem.Simulation;
using LinuxMem.Simulation.Rounds;

namespace LinuxMem.Actors.Kernel;

/// <summary>Says how far each CPU may run in the next round, and hands out the slots.</summary>
public sealed class RoundGrants
{
    private readonly Conductor conductor;
    private readonly CpuState[] cpus;
    private readonly PausePoints pauses;
    private readonly IMachinePorts ports;
    private readonly bool[] granted;
    private readonly DeviceLinks devices;
    private readonly StepGrid steps;
    private readonly HotplugPlan hotplug;
    private long stopNs;

    /// <summary>Over a machine.</summary>
    public RoundGrants(Conductor conductor, CpuState[] cpus, PausePoints pauses, DeviceLinks devices, StepGrid steps,
        HotplugPlan hotplug, IMachinePorts ports)
    {
        this.conductor = conductor;
        this.cpus = cpus;
        this.pauses = pauses;
        this.steps = steps;
        this.hotplug = hotplug;
        this.ports = ports;
        this.devices = devices;
        granted = new bool[cpus.Length];
    }

    /// <summary>Has ksmd take its steps.</summary>
    public required KsmAlarm Ksm { get; init; }

    /// <summary>Is told of every grant.</summary>
    public required RoundWork Work { get; init; }

    /// <summary>Decides on the grants of a round; the number of CPUs that get one.</summary>
    public int Prepare(long earliestNs)
    {
        int count = 0;
        long pauseNs = Math.Min(pauses.NextNs, Math.Min(hotplug.NextNs, Ksm.BoundNs(earliestNs)));
        stopNs = Math.Min(pauseNs, Math.Min(devices.BoundNs(earliestNs), steps.BoundNs(earliestNs)));
        for (int i = 0; i < cpus.Length; i++)
            count += Prepare(cpus[i], earliestNs) ? 1 : 0;
        KernelBug.Assert(count > 0, "I43 violated: no CPU can run and nothing can be served");
        return count;
    }

    /// <summary>Sends what was decided. A report may come back before the last has gone out.</summary>
    public void Send()
    {
        for (int i = 0; i < cpus.Length; i++)
        {
            if (!granted[i])
                continue;
            cpus[i].Slot.GrantNumber = ++cpus[i].GrantsSent;
            Work.Granted(cpus[i].Slot);
            ports.Grant(cpus[i].Slot);
        }
    }

    /// <summary>
    /// Whether the next step (an event, if <paramref name="cpu"/> is -1) has to wait for CPUs to flush: frames may be
    /// freed only when every CPU has carried out what was due by then, also one that is idle, or still on its way out
    /// of the kernel.
    /// </summary>
    public bool MustFlushFirst(int cpu)
    {
        if (cpu >= 0 || conductor.Events.Peek().Kind != EventKind.GatherDone)
            return false;
        long atNs = conductor.Events.NextAtNs;
        foreach (CpuState state in cpus)
        {
            if (state.HasDue(atNs))
                return true;
        }

        return false;
    }

    /// <summary>Whether an idle CPU has anything to flush.</summary>
    public bool HasIdleCommands()
    {
        foreach (CpuState state in cpus)
        {
            if (state.Task is null && state.Slot.Tlb.Pending.Count > 0)
                return true;
        }

        return false;
    }

    private bool Prepare(CpuState state, long earliestNs)
    {
        Messages.CpuSlot slot = state.Slot;
        int cpu = slot.Cpu;
        slot.FlushOnly = state.Task is null || conductor.PhaseOf(cpu) != CpuPhase.Runnable;
        if (slot.FlushOnly)
        {
            // An idle CPU has nothing else to do; one that trapped was told before it did what only now is known.
            slot.NowNs = state.Task is null ? long.MaxValue : conductor.ClockOf(cpu);
            return granted[cpu] = state.Task is null ? slot.Tlb.Pending.Count > 0 : state.HasDue(slot.NowNs);
        }

        Mm.Mm mm = state.Task!.Mm;
        if (mm.Context.History.Count > 0)
            mm.Context.History.Prune(earliestNs);
        long horizonNs = conductor.HorizonNs(earliestNs, reachable: mm.IsReachable);
        slot.NowNs = conductor.ClockOf(cpu);
        slot.UntilNs = Math.Min(Math.Min(horizonNs, state.SliceEndNs), stopNs);
        return granted[cpu] = slot.UntilNs > slot.NowNs || state.HasDue(slot.NowNs);
    }
}
