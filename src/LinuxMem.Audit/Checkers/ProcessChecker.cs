using LinuxMem.Audit.Indexes;
using LinuxMem.Audit.Snapshots;

namespace LinuxMem.Audit.Checkers;

/// <summary>
/// Verifies I53: a process that nobody has waited for is once among the children of its parent, and of nobody else;
/// one that was waited for is among nobody's. Who sleeps until a futex is woken is known to one.
/// </summary>
/// <remarks>Linux: kernel/exit.c: release_task, __unhash_process; kernel/futex/waitwake.c: futex_queue,
/// v6.18.</remarks>
internal sealed class ProcessChecker : IChecker
{
    private readonly Dictionary<long, long> parents = [];

    /// <inheritdoc/>
    public IReadOnlyList<string> Ids { get; } = ["I53"];

    /// <inheritdoc/>
    public void Check(SnapshotIndex index, ViolationSink sink)
    {
        foreach (ref FutexWaitRecord wait in index.Snapshot.FutexWaits.Items)
        {
            if (!wait.IsKnown)
                sink.Report("I53", $"task {wait.Tid} waits for a futex that does not know of it");
        }

        Span<ChildRecord> children = index.Snapshot.Children.Items;
        Span<ProcessRecord> processes = index.Snapshot.Processes.Items;
        if (children.IsEmpty && processes.IsEmpty)
            return;
        parents.Clear();
        foreach (ref ProcessRecord process in processes)
            parents[process.Id] = process.Parent;
        foreach (ref ChildRecord child in children)
        {
            if (child.WasWaitedFor)
                sink.Report("I53", $"process {Name(child.Child)} was waited for, and is still a child");
            else if (!parents.Remove(child.Child, out long parent))
                sink.Report("I53", $"process {Name(child.Child)} is a child twice, or has no parent");
            else if (parent != child.Parent)
                sink.Report("I53", $"process {Name(child.Child)} is a child of {Name(child.Parent)}, but says of "
                    + $"{Name(parent)}");
        }

        foreach (ref ProcessRecord process in processes)
        {
            if (parents.ContainsKey(process.Id))
                sink.Report("I53", $"process {Name(process.Id)} is not among the children of {Name(process.Parent)}");
        }
    }

    // The upper half is the pid; the lower tells those that had it one after the other apart.
    private static long Name(long id) => id >> 32;
}
