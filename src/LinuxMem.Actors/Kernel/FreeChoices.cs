using LinuxMem.Mm.Tasks;
using LinuxMem.Simulation.Choices;
using LinuxMem.Simulation.Sched;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Actors.Kernel;

/// <summary>
/// The decisions of the machine where it is free to decide, taken from the scenario's plan. Without a plan there is
/// none of this.
/// </summary>
/// <remarks>
/// What is legal is what Linux may do, too: interrupts and hypervisors hold a return from the kernel up, ticks end
/// slices early, wake-ups preempt, sleepers wake late by the slack of their timers, any CPU that is as idle as another
/// will do, a CPU that has interrupts masked takes one late, and devices have other work as well.
/// </remarks>
public sealed class FreeChoices
{
    private const long LongestDelayNs = 1_000_000;
    private const long TimerSlackMaxNs = 50_000;
    private const long IpiDelayMaxNs = 100_000;
    private const long IoDelayMaxNs = 1_000_000;
    private readonly ChoiceSource source;

    private FreeChoices(ChoiceSource source) => this.source = source;

    /// <summary>The choices of a scenario; null if it has no plan.</summary>
    public static FreeChoices? Open(Scenario scenario) =>
        scenario.Choices is { } plan ? new FreeChoices(plan.Open(scenario.Seed)) : null;

    /// <summary>The kernel has made a step; the digest of its history is this.</summary>
    public void Pass(ulong history) => source.Passes?.Invoke(history);

    /// <summary>Puts the task that is placed next at a place of the list.</summary>
    public void PickNext(List<TaskStruct> woken, int at)
    {
        int other = at + (int)source.Draw(ChoiceSite.WakeOrder, woken.Count - at - 1, woken[at].Tid);
        (woken[at], woken[other]) = (woken[other], woken[at]);
    }

    /// <summary>The CPU for a task: the usual one, or another that is free, too; if none is, any.</summary>
    public int Place(RunQueues queues, int usual, int cpus, TaskStruct task)
    {
        bool wantsFree = queues.IsFree(usual);
        int candidates = 0;
        for (int cpu = 0; cpu < cpus; cpu++)
            candidates += Serves(cpu) ? 1 : 0;
        long passed = source.Draw(ChoiceSite.Placement, candidates, task.Tid);
        for (int cpu = 0; passed > 0 && cpu < cpus; cpu++)
        {
            if (Serves(cpu) && --passed == 0)
                return cpu;
        }

        return usual;

        bool Serves(int cpu) =>
            cpu != usual && queues.IsFree(cpu) == wantsFree && queues.MayRun(cpu, task.Affinity);
    }

    /// <summary>Whether a task gives way to one that waits.</summary>
    public bool Preempts(TaskStruct task) => source.Draw(ChoiceSite.Preempt, 1, task.Tid) == 1;

    /// <summary>How much sooner than usual a slice ends.</summary>
    public long SliceCutNs(TaskStruct task, long sliceNs) =>
        source.Draw(ChoiceSite.SliceCut, sliceNs - (sliceNs / 8) - 1, task.Tid);

    /// <summary>How much later than usual a task resumes, at most so much.</summary>
    public long ResumeDelayNs(TaskStruct task, long maxNs) =>
        source.Draw(ChoiceSite.ResumeDelay, Math.Min(maxNs, LongestDelayNs), task.Tid);

    /// <summary>How long after its moment a sleeper is woken.</summary>
    public long TimerSlackNs(TaskStruct task) => source.Draw(ChoiceSite.TimerSlack, TimerSlackMaxNs, task.Tid);

    /// <summary>How much later than usual an interrupt reaches a CPU. It concerns no task.</summary>
    public long IpiDelayNs(int cpu) => source.Draw(ChoiceSite.IpiDelay, IpiDelayMaxNs, cpu);

    /// <summary>How much later than usual an I/O reaches its device. It concerns no task.</summary>
    public long IoDelayNs(int device) => source.Draw(ChoiceSite.IoDelay, IoDelayMaxNs, device);
}
