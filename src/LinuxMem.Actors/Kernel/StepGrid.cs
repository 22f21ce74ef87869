using LinuxMem.Mm.Stats;
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
    private readonly Mm.Kernel kernel;
    private readonly Conductor conductor;
    private readonly long gridNs;
    private readonly long allocNs;
    private readonly long[] paidNs;
    private long allocated;
    private long plannedNs = long.MaxValue;

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
            return plannedNs;
        long pages = kernel.Memory.Allocator.PagesAboveLow;
        if (kernel.Memory.Groups is { } groups)
            pages = Math.Min(pages, groups.Room);
        return After(earliestNs + (pages * allocNs / paidNs.Length));
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

        if (plannedNs != long.MaxValue || !kernel.WantsStep)
            return;
        plannedNs = After(Math.Max(nowNs, paidNs.Max()));
        conductor.Events.Plan(plannedNs, EventKind.KernelStep, 0);
    }

    /// <summary>The step that was planned begins.</summary>
    public void Begin() => plannedNs = long.MaxValue;

    private long Allocated
    {
        get
        {
            VmStat stat = kernel.Memory.Stat;
            return stat[VmEvent.PgAllocDma] + stat[VmEvent.PgAllocDma32] + stat[VmEvent.PgAllocNormal];
        }
    }

    private long After(long ns) => ((ns / gridNs) + 1) * gridNs;
}
