using LinuxMem.Mm.Stats;

namespace LinuxMem.Mm.Proc.Machine;

/// <summary>The value of every counter of /proc/vmstat at one moment.</summary>
/// <remarks>
/// Linux: mm/vmstat.c: vmstat_start, v6.18. Counters that the kernel keeps are taken as they are; the lengths of the
/// LRU lists follow from the kinds of pages while page replacement is not modelled: every page stays on the inactive
/// list on which Linux puts it first, or is unevictable. All else is zero.
/// </remarks>
public sealed class VmstatValues
{
    private readonly long[] values = new long[VmstatNames.All.Length];

    /// <summary>Reads all counters.</summary>
    public VmstatValues(ProcContext context)
    {
        VmStat stat = context.Memory.Stat;
        long shmem = stat[VmEvent.NrShmem];
        SetLru("anon", stat[VmEvent.NrAnonPages] + shmem);
        SetLru("file", stat[VmEvent.NrFilePages] - shmem);
        long allocated = stat[VmEvent.PgAllocDma] + stat[VmEvent.PgAllocDma32] + stat[VmEvent.PgAllocNormal];
        this["numa_hit"] = allocated;
        this["numa_local"] = allocated;
        foreach (KeyValuePair<string, long> counter in stat.Snapshot())
            this[counter.Key] = counter.Value;
    }

    /// <summary>All values, in the order of <see cref="VmstatNames.All"/>.</summary>
    public IReadOnlyList<long> All => values;

    /// <summary>A counter by its name. Precondition: it is one of <see cref="VmstatNames.All"/>.</summary>
    public long this[string name]
    {
        get => values[IndexOf(name)];
        private set => values[IndexOf(name)] = value;
    }

    /// <summary>The place of a counter in the file.</summary>
    public static int IndexOf(string name) => VmstatNames.All.IndexOf(name);

    private void SetLru(string kind, long pages)
    {
        this["nr_zone_inactive_" + kind] = pages;
        this["nr_inactive_" + kind] = pages;
    }
}
