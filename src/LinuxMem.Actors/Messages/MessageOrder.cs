namespace LinuxMem.Actors.Messages;

/// <summary>
/// The receiver's side of a channel whose sender numbers its messages: sees whether one comes after one sent later
/// (invariant I46).
/// </summary>
public sealed class MessageOrder
{
    private long last;

    /// <summary>Messages that came after one sent later.</summary>
    public long Overtaken { get; private set; }

    /// <summary>Takes in a message's number. A message that is delivered again is not overtaken.</summary>
    public void Take(long number)
    {
        if (number < last)
            Overtaken++;
        else
            last = number;
    }
}
