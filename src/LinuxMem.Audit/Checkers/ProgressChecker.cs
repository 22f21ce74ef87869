using LinuxMem.Audit.Indexes;
using LinuxMem.Audit.Snapshots;

namespace LinuxMem.Audit.Checkers;

/// <summary>
/// Verifies I43: no task has waited for memory or a disk for more than 120 seconds, after which Linux reports a hung
/// task.
/// </summary>
/// <remarks>Linux: kernel/hung_task.c: check_hung_task, v6.18.</remarks>
internal sealed class ProgressChecker : IChecker
{
    private const long LongestNs = 120_000_000_000;

    /// <inheritdoc/>
    public IReadOnlyList<string> Ids { get; } = ["I43"];

    /// <inheritdoc/>
    public void Check(SnapshotIndex index, ViolationSink sink)
    {
        long nowNs = index.Snapshot.Engine.VirtualNs;
        foreach (ref WaitRecord wait in index.Snapshot.Waits.Items)
        {
            if (nowNs - wait.SinceNs > LongestNs)
                sink.Report("I43", $"task {wait.Tid} has waited for memory or a disk since {wait.SinceNs} ns");
        }
    }
}
