using LinuxMem.Mm.Memcg;

namespace LinuxMem.Mm;

/// <content>Memory cgroups: who pays for what a task allocates, and who is slowed down for it.</content>
public sealed partial class Kernel
{
    // Linux looks at it once for each batch of charges (MEMCG_CHARGE_BATCH).
    private const int HighBatchPages = 64;

    private TrapOutcome ServeInGroup(Trap trap, ReadOnlySpan<uint> pages)
    {
        MemCgroups groups = Memory.Groups!;
        groups.Serve(trap.Task);
        groups.Blocked = null;
        groups.ChargedOverHigh = 0;
        TrapOutcome outcome = ServeTrap(trap, pages);
        trap.Task.ChargedOverHigh += groups.ChargedOverHigh;
        if (outcome.Action != TrapAction.Resume || trap.Task.ChargedOverHigh < HighBatchPages)
            return outcome;
        // Linux: mm/memcontrol.c: mem_cgroup_handle_over_high, v6.18, on the way back to user mode.
        trap.Task.ChargedOverHigh = 0;
        ReclaimDaemon.GroupWork!.StallForHigh(trap.Task, groups.Current);
        return new TrapOutcome(TrapAction.Block, outcome.CostNs);
    }
}
