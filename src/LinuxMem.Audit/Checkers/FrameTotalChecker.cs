using LinuxMem.Audit.Indexes;
using LinuxMem.Audit.Snapshots;

namespace LinuxMem.Audit.Checkers;

/// <summary>
/// Verifies I02: the frames of all places add up to RAM, no frame is lost, and RAM is what it was at boot. Does not
/// verify that places are right (I01).
/// </summary>
internal sealed class FrameTotalChecker : IChecker
{
    private readonly ManagedPagesChecker managed = new();

    /// <inheritdoc/>
    public IReadOnlyList<string> Ids { get; } = ["I02"];

    /// <inheritdoc/>
    public void Check(SnapshotIndex index, ViolationSink sink)
    {
        managed.Check(index, sink);
        MachineSnapshot snapshot = index.Snapshot;
        long sum = snapshot.Frames.Count;
        foreach (ref FreeBlockRecord block in snapshot.FreeBlocks.Items)
            sum += (1L << (block.Order & 31)) - 1;
        if (sum != snapshot.TotalFrames)
            sink.Report("I02", $"{sum} frames are in some place, of {snapshot.TotalFrames} frames of RAM");
        if (snapshot.TotalFrames != snapshot.InitialFrames)
            sink.Report("I02", $"RAM has {snapshot.TotalFrames} frames and should have {snapshot.InitialFrames}");
    }
}
