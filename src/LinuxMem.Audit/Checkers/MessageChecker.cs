using LinuxMem.Audit.Indexes;
using LinuxMem.Audit.Snapshots;

namespace LinuxMem.Audit.Checkers;

/// <summary>
/// Verifies I45: on every channel, sent and duplicated messages equal those delivered, lost by injection and on their
/// way, and no message reached nobody; and I46: none was delivered after one sent later. Does not verify the contents
/// of messages.
/// </summary>
internal sealed class MessageChecker : IChecker
{
    /// <inheritdoc/>
    public IReadOnlyList<string> Ids { get; } = ["I45", "I46"];

    /// <inheritdoc/>
    public void Check(SnapshotIndex index, ViolationSink sink)
    {
        MachineSnapshot snapshot = index.Snapshot;
        if (snapshot.Engine.DeadLetters != 0)
            sink.Report("I45", $"{snapshot.Engine.DeadLetters} messages reached nobody");
        foreach (ref ChannelRecord channel in snapshot.Channels.Items)
        {
            if (channel.Sent + channel.Duplicated != channel.Delivered + channel.Dropped + channel.InFlight)
            {
                sink.Report(
                    "I45", $"channel {channel.Name}: sent {channel.Sent} + duplicated {channel.Duplicated} is not "
                    + $"delivered {channel.Delivered} + lost {channel.Dropped} + in flight {channel.InFlight}");
            }

            if (channel.OutOfOrder != 0)
                sink.Report("I46", $"channel {channel.Name}: {channel.OutOfOrder} messages were overtaken");
        }
    }
}
