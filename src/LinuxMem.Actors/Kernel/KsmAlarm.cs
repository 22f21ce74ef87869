using LinuxMem.Simulation.Rounds;

namespace LinuxMem.Actors.Kernel;

/// <summary>Has ksmd take its steps, past which no CPU runs before them.</summary>
public sealed class KsmAlarm
{
    private readonly Mm.Kernel kernel;
    private readonly Conductor conductor;
    private long plannedNs = long.MaxValue;
    private long scansAtRest;

    /// <summary>Of a machine.</summary>
    public KsmAlarm(Mm.Kernel kernel, Conductor conductor)
    {
        this.kernel = kernel;
        this.conductor = conductor;
    }

    /// <summary>How far CPUs may run, when nothing can happen before <paramref name="earliestNs"/>.</summary>
    public long BoundNs(long earliestNs) => kernel.Ksm.IsOn
        ? ((earliestNs / kernel.Ksm.StepNs) + 1) * kernel.Ksm.StepNs : long.MaxValue;

    /// <summary>
    /// Sets the alarm for the next step. Nobody needs it when every task has ended, nor when all who are left wait for
    /// each other and it has found nothing more to do for them: a machine in which nothing else moves is at its end.
    /// </summary>
    /// <param name="isStale">Whether an event is of no use any more.</param>
    public void Plan(Func<TimedEvent, bool> isStale)
    {
        long nextNs = kernel.Tasks.LiveTasks == 0 ? long.MaxValue : kernel.Ksm.NextStepNs;
        if (nextNs != long.MaxValue && IsInVain(isStale))
            nextNs = long.MaxValue;
        if (nextNs == plannedNs)
            return;
        plannedNs = nextNs;
        conductor.Events.SetAlarm(EventKind.KsmStep, 0, nextNs);
    }

    private bool IsInVain(Func<TimedEvent, bool> isStale)
    {
        if (conductor.IsAnyCpuBusy || !conductor.Events.HasOnly(EventKind.KsmStep, isStale))
        {
            scansAtRest = kernel.Ksm.FullScans;
            return false;
        }

        return kernel.Ksm.IsSettledSince(scansAtRest);
    }

    /// <summary>The alarm: a step.</summary>
    public void Step(long atNs)
    {
        plannedNs = long.MaxValue;
        kernel.Ksm.Step(atNs);
        kernel.SettleReclaim();
    }
}
