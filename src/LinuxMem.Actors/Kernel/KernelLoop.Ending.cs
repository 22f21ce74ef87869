using LinuxMem.Simulation.Results;

namespace LinuxMem.Actors.Kernel;

/// <content>How far the run is, and its end.</content>
public sealed partial class KernelLoop
{
    /// <summary>
    /// The machine cannot go on: the run ends where it stands. Precondition: no message is under way, as in the kernel
    /// phase.
    /// </summary>
    public void End(MachineStallsException cause)
    {
        long atNs = conductor.ServedNs;
        RunResult end = new ResultBuilder(scenario, kernel, cpus, conductor).BuildResult(
            rounds, history.Value, contents.DigestValue, audit.Result());
        Finish(end with { VirtualNs = atNs, Stall = new StallResult(atNs, cause.Message) });
    }

    private RunProgress Progress(long nowNs) => new(
        nowNs, rounds, TotalAccesses(), kernel.Memory.Stat[Mm.Stats.VmEvent.PgFault], kernel.Tasks.LiveGroups,
        kernel.Tasks.Groups.Count - kernel.Tasks.LiveGroups, kernel.Memory.Allocator.FreePagesTotal,
            kernel.Memory.Allocator.ManagedPages);

    private long TotalAccesses() => cpus.Sum(c => c.Slot.Mmu.Counters.Accesses);

    private void Finish()
    {
        RunResult end = new ResultBuilder(scenario, kernel, cpus, conductor).BuildResult(
            rounds, history.Value, contents.DigestValue, audit.Result());
        Finish(end);
    }

    private void Finish(RunResult end)
    {
        Result = end with { ProcTrees = pauses.Trees };
        trace?.End();
        ports.Finished();
    }
}
