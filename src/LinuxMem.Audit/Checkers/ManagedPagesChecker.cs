using LinuxMem.Audit.Indexes;
using LinuxMem.Audit.Snapshots;

namespace LinuxMem.Audit.Checkers;

/// <summary>
/// Verifies the part of I02 that memory which leaves and comes back is about: zones manage what they did at boot, less
/// what is away.
/// </summary>
/// <remarks>Linux: mm/memory_hotplug.c: adjust_present_page_count; undo_isolate_page_range, v6.18.</remarks>
internal sealed class ManagedPagesChecker : IChecker
{
    /// <inheritdoc/>
    public IReadOnlyList<string> Ids { get; } = ["I02"];

    /// <inheritdoc/>
    public void Check(SnapshotIndex index, ViolationSink sink)
    {
        MachineSnapshot snapshot = index.Snapshot;
        long managed = 0;
        foreach (ref ZoneRecord zone in snapshot.Zones.Items)
            managed += zone.ManagedPages;
        if (managed != snapshot.ManagedAtBoot - snapshot.OfflineFrames)
        {
            sink.Report("I02", $"zones manage {managed} frames; of {snapshot.ManagedAtBoot} at boot "
                + $"{snapshot.OfflineFrames} are away");
        }
    }
}
