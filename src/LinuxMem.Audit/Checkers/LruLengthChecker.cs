using LinuxMem.Audit.Indexes;
using LinuxMem.Audit.Snapshots;

namespace LinuxMem.Audit.Checkers;

/// <summary>Verifies of I28 that the lists of page replacement are as long as they are said to be.</summary>
/// <remarks>Linux: mm/vmscan.c: mem_cgroup_update_lru_size ("lru_size %ld"), v6.18.</remarks>
internal sealed class LruLengthChecker : IChecker
{
    private readonly long[] lengths = new long[5];

    /// <inheritdoc/>
    public IReadOnlyList<string> Ids { get; } = ["I28"];

    /// <inheritdoc/>
    public void Check(SnapshotIndex index, ViolationSink sink)
    {
        MachineSnapshot snapshot = index.Snapshot;
        Array.Clear(lengths);
        foreach (ref LruPageRecord page in snapshot.LruPages.Items)
            lengths[(int)page.List]++;
        foreach (ref LruCounterRecord counter in snapshot.LruCounters.Items)
        {
            if (lengths[(int)counter.List] != counter.Count)
            {
                sink.Report("I28", $"the list {counter.List} has {lengths[(int)counter.List]} pages and counts "
                    + $"{counter.Count}");
            }
        }

        if (snapshot.Counters.Unevictable != lengths[(int)LruList.Unevictable])
        {
            sink.Report("I28", $"{snapshot.Counters.Unevictable} pages count as unevictable, and "
                + $"{lengths[(int)LruList.Unevictable]} are on that list");
        }
    }
}
