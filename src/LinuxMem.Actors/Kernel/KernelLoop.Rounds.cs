using LinuxMem.Simulation;
using LinuxMem.Simulation.Results;
using LinuxMem.Simulation.Rounds;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Actors.Kernel;

/// <content>How a round ends: with an audit, with the run's end, or with new grants.</content>
public sealed partial class KernelLoop
{
    private void EndPhase()
    {
        if (NothingLeft())
        {
            if (!ending)
                contents.CommitBefore(long.MaxValue, int.MaxValue);
            ending = true;
            pauses.End(conductor.ServedNs);
        }
        else
        {
            pauses.Reach(conductor.EarliestNs());
        }

        bool over = ending || pauses.RunIsOver;
        if (audit.IsDue(over))
        {
            if (kernel.Memory.Swap.Areas.Length > 0)
                swap.Export();
            else
                AskExport();
            return;
        }

        if (over)
            Finish();
        else
            GrantAll();
    }

    private bool NothingLeft() =>
        conductor.Events.Count == 0 && !grants.HasIdleCommands() && conductor.EarliestNs() == long.MaxValue;

    private void GrantAll()
    {
        long earliestNs = conductor.EarliestNs();
        if (earliestNs != long.MaxValue && earliestNs > scenario.Engine.MaxVirtualNs)
            throw new ConfigurationException(
                $"the run has not ended after {scenario.Engine.MaxVirtualNs} ns of virtual time (engine.maxVirtual)");
        rounds++;
        // No CPU can come before this any more; without it, logs would grow as long as nobody traps.
        contents.CommitBefore(earliestNs, -1);
        // Counted before the first grant goes out: a report may come back at once.
        int count = grants.Prepare(earliestNs);
        outstanding += count;
        audit.Counters.GrantsSent += count;
        grants.Send();
        if (rounds % ProgressEveryRounds == 0 && ports.WantsProgress)
            ports.Report(Progress(earliestNs));
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
