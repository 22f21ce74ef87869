using LinuxMem.Audit.Indexes;
using LinuxMem.Audit.Snapshots;

namespace LinuxMem.Audit.Checkers;

/// <summary>
/// Verifies I48: when the engine says that nothing is under way, no lock is held, no page is locked or in writeback,
/// no frame is isolated or parked, and no invalidation, message or request is on its way. Verifies nothing at other
/// times.
/// </summary>
internal sealed class QuiescenceChecker : IChecker
{
    private const FrameFlags Busy = FrameFlags.Locked | FrameFlags.Writeback;

    /// <inheritdoc/>
    public IReadOnlyList<string> Ids { get; } = ["I48"];

    /// <inheritdoc/>
    public void Check(SnapshotIndex index, ViolationSink sink)
    {
        MachineSnapshot snapshot = index.Snapshot;
        ref EngineRecord engine = ref snapshot.Engine;
        if (!engine.Quiescent)
            return;
        if (engine.LocksHeld != 0)
            sink.Report("I48", $"{engine.LocksHeld} locks are held at rest");
        if (engine.RequestsInFlight != 0)
            sink.Report("I48", $"{engine.RequestsInFlight} requests are on their way at rest");
        foreach (ref ChannelRecord channel in snapshot.Channels.Items)
        {
            if (channel.InFlight != 0)
                sink.Report("I48", $"channel {channel.Name} has {channel.InFlight} messages on their way at rest");
        }

        foreach (ref PendingInvalidationRecord pending in snapshot.Pending.Items)
            sink.Report("I48", $"cpu{pending.Cpu} has an invalidation of mm {pending.MmId} before it at rest");
        foreach (ref ParkedFrameRecord parked in snapshot.Parked.Items)
            sink.Report("I48", $"frame 0x{parked.Pfn:x} waits for the TLBs of mm {parked.MmId} at rest");
        CheckFrames(index, sink);
    }

    private static void CheckFrames(SnapshotIndex index, ViolationSink sink)
    {
        ReadOnlySpan<FramePlace> places = index.Uses.Places;
        Span<FrameRecord> frames = index.Snapshot.Frames.Items;
        for (int i = 0; i < frames.Length; i++)
        {
            // On free frames any flag is I08's.
            bool busy = (frames[i].Flags & Busy) != 0 && !SnapshotIndex.IsFree(places[i]);
            if (busy || places[i] == FramePlace.Isolated)
            {
                sink.Report(
                    "I48", $"frame 0x{frames[i].Pfn:x} ({places[i]}, {frames[i].Flags & Busy}) is busy at rest");
            }
        }
    }
}
