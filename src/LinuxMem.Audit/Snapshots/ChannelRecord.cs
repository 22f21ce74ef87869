namespace LinuxMem.Audit.Snapshots;

/// <summary>
/// The messages from one actor to another, or of one kind between all of them, since the start of the run.
/// </summary>
public struct ChannelRecord
{
    /// <summary>Whom it joins, for the report.</summary>
    public string? Name { get; set; }

    /// <summary>Messages that the sender counted.</summary>
    public long Sent { get; set; }

    /// <summary>Messages that the receiver counted.</summary>
    public long Delivered { get; set; }

    /// <summary>Messages that an injected fault lost.</summary>
    public long Dropped { get; set; }

    /// <summary>Deliveries that an injected fault added.</summary>
    public long Duplicated { get; set; }

    /// <summary>Messages that are known to be on their way.</summary>
    public long InFlight { get; set; }

    /// <summary>Deliveries that came after one sent later, as the receiver saw by sequence numbers.</summary>
    public long OutOfOrder { get; set; }
}
