using LinuxMem.Mm.Memcg;
using LinuxMem.Mm.Stats;
using LinuxMem.Mm.Tasks;

namespace LinuxMem.Mm.Fault;

/// <summary>Counts faults that were served: for the machine, by kind, and for the process that caused them.</summary>
/// <remarks>Linux: mm/memory.c: mm_account_fault, v6.18.</remarks>
public sealed class FaultCounts
{
    private readonly VmStat stat;
    private readonly MemCgroup? root;
    private readonly long[] kinds = new long[Enum.GetValues<FaultKind>().Length];

    /// <summary>Counts into a machine's vmstat and, where there are groups, for those of the tasks.</summary>
    public FaultCounts(VmStat stat, MemCgroup? root)
    {
        this.stat = stat;
        this.root = root;
    }

    /// <summary>How often each kind was served, by <see cref="FaultKind"/>.</summary>
    public IReadOnlyList<long> Kinds => kinds;

    /// <summary>
    /// Counts a fault of a task, in its own address space or, for calls that reach into others, theirs.
    /// </summary>
    public void Count(TaskStruct task, in FaultOutcome outcome)
    {
        if (outcome.Kind is FaultKind.WaitsForPage or FaultKind.WaitsForLock)
            return;
        kinds[(int)outcome.Kind]++;
        if (outcome.Kind is FaultKind.OutOfMemory or FaultKind.SegvMapErr or FaultKind.SegvAccErr)
            return;
        Count(task, VmEvent.PgFault);
        if (outcome.Signal != Abi.Signal.None)
            return;
        if (!outcome.IsMajor)
        {
            task.Group.MinFlt++;
            task.MinFlt++;
            return;
        }

        Count(task, VmEvent.PgMajFault);
        task.Group.MajFlt++;
        task.MajFlt++;
    }

    private void Count(TaskStruct task, VmEvent what)
    {
        stat.Add(what);
        (task.Group.Cgroup ?? root)?.Count(what);
    }
}
