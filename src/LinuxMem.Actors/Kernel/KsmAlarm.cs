using LinuxMem.Simulation.Rounds;

namespace LinuxMem.Actors.Kernel;

/// <summary>Has ksmd take its steps, past which no CPU runs before them.</summary>
public sealed class KsmAlarm
{
    private readonly Mm.Kernel kernel;
    private readonly Conductor conductor;
    private long plannedNs = long.MaxValue;

    /// <summary>Of a machine.</summary>
    public KsmAlarm(Mm.Kernel kernel, Conductor conductor)
    {
        this.kernel = kernel;
        this.conductor = conductor;
    }

    /// <summary>How far CPUs may run, when nothing can happen before <paramref name="earliestNs"/>.</summary>
    public long BoundNs(long earliestNs) => kernel.Ksm.IsOn
        ? ((earliestNs / kernel.Ksm.StepNs) + 1) * kernel.Ksm.StepNs : long.MaxValue;

    /// <summary>Sets the alarm for the next step. When every task has ended, nobody needs it.</summary>
    public void Plan()
    {
        long nextNs = kernel.Tasks.LiveTasks == 0 ? long.MaxValue : kernel.Ksm.NextStepNs;
        if (nextNs == plannedNs)
            return;
        plannedNs = nextNs;
        conductor.Events.SetAlarm(EventKind.KsmStep, 0, nextNs);
    }

    /// <summary>The alarm: a step.</summary>
    public void Step(long atNs)
    {
        plannedNs = long.MaxValue;
        kernel.Ksm.Step(atNs);
        kernel.SettleReclaim();
    }
}
