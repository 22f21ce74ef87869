using LinuxMem.Simulation.Rounds;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Actors.Kernel;

/// <summary>
/// The moments at which the kernel does what reaches into every CPU's doings (reclaim): no CPU runs past one before it
/// is reached, so what is seen there of accesses does not depend on the window.
/// </summary>
/// <remarks>
/// They lie on a grid of virtual time and are planned only when there is something to do. That no CPU has run past a
/// moment by then is seen to in advance: while memory is plentiful, a step cannot become necessary sooner than the
/// pages
/// above the low watermarks can be taken, since taking one takes time (allocNs); and it is planned for a moment by
/// which
/// every page taken so far is paid for.
/// </remarks>
public sealed class StepGrid
{
    /// <summary>Argument of the events at which memory is compacted.</summary>
    public const int Compaction = 1;

    private const int AfterRest = 2;

    // How many steps CPUs may at most run ahead of the earliest. A step that anybody may ask for at any time lies as
    // far behind the moment at which it was asked for.
    private const int LeadSteps = 20;

    private readonly Mm.Kernel kernel;
    private readonly Conductor conductor;
    private readonly long gridNs;
    private readonly long allocNs;
    private readonly long[] paidNs;
    private long allocated;
    private long plannedNs = long.MaxValue;
    private long compactionNs = long.MaxValue;
    private long restNs = long.MaxValue;
    private long compactedNs = -1;

    /// <summary>Of a machine.</summary>
    public StepGrid(Mm.Kernel kernel, Conductor conductor, MachineSettings machine)
    {
        this.kernel = kernel;
        this.conductor = conductor;
        gridNs = machine.KernelCosts.KernelStepNs;
        allocNs = machine.KernelCosts.AllocNs;
        paidNs = new long[machine.Cpus + 1];
        allocated = Allocated;
    }

    /// <summary>How far CPUs may run, when nothing can happen before <paramref name="earliestNs"/>.</summary>
    public long BoundNs(long earliestNs)
    {
        if (plannedNs != long.MaxValue)
            return Math.Min(plannedNs, compactionNs);
        long pages = kernel.Memory.Allocator.PagesAboveLow;
        if (kernel.Memory.Groups is { } groups)
            pages = Math.Min(pages, groups.Room);
        long leadNs = Math.Min(pages * allocNs / paidNs.Length, LeadSteps * gridNs);
        return Math.Min(After(earliestNs + leadNs), Math.Min(compactionNs, restNs));
    }

    /// <summary>
    /// The kernel has served something, a trap of a CPU or (-1) an event: a step is planned if it has come to that.
    /// </summary>
    public void Served(int cpu, long nowNs)
    {
        long pages = Allocated - allocated;
        if (pages != 0)
        {
            allocated += pages;
            ref long paid = ref paidNs[cpu < 0 ? paidNs.Length - 1 : cpu];
            paid = Math.Max(paid, nowNs) + (pages * allocNs);
        }

        if (compactionNs == long.MaxValue && kernel.WantsToMove)
        {
            // Right behind such a step every CPU has come as far, and the next may be the very next.
            compactionNs = After(nowNs + (nowNs == compactedNs ? 0 : LeadSteps * gridNs));
            conductor.Events.Plan(compactionNs, EventKind.KernelStep, Compaction);
        }

        if (plannedNs != long.MaxValue || !kernel.WantsStep)
            return;
        long untilNs = kernel.RestsUntilNs;
        SetRest(untilNs > nowNs ? After(untilNs) : long.MaxValue);
        if (restNs != long.MaxValue)
            return;
        plannedNs = After(Math.Max(nowNs, paidNs.Max()));
        conductor.Events.Plan(plannedNs, EventKind.KernelStep, 0);
    }

    /// <summary>The step that was planned begins.</summary>
    public void Begin()
    {
        plannedNs = long.MaxValue;
        SetRest(long.MaxValue);
    }

    /// <summary>The step of compaction that was planned begins.</summary>
    public void BeginCompaction(long nowNs)
    {
        compactionNs = long.MaxValue;
        compactedNs = nowNs;
    }

    // A step that can wait is planned for the end of the rest; what ends it earlier plans another.
    private void SetRest(long untilNs)
    {
        if (restNs == untilNs)
            return;
        restNs = untilNs;
        conductor.Events.SetAlarm(EventKind.KernelStep, AfterRest, untilNs);
    }

    private long Allocated => kernel.Memory.Stat.AllocatedPages;

    private long After(long ns) => ((ns / gridNs) + 1) * gridNs;
}
