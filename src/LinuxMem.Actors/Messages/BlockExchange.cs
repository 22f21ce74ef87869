using LinuxMem.Mm.Block;

namespace LinuxMem.Actors.Messages;

/// <summary>
/// The message between the kernel and a block device, both ways: new I/Os go in, each at its own moment, and time goes
/// on to the present; back come those that were over by then, and when to come again. One object a device, used for the
/// whole run.
/// </summary>
public sealed class BlockExchange
{
    /// <summary>Of a device.</summary>
    /// <param name="device">Its number, from 0.</param>
    public BlockExchange(int device) => Device = device;

    /// <summary>The device's number.</summary>
    public int Device { get; }

    /// <summary>Its number among the exchanges with the device: the kernel's own count.</summary>
    public long Number { get; set; }

    /// <summary>Answer: its number, the device's own count.</summary>
    public long AnswerNumber { get; set; }

    /// <summary>Answer: exchanges that came to the device after later ones, since the start of the run.</summary>
    public long Overtaken { get; set; }

    /// <summary>The present.</summary>
    public long NowNs { get; set; }

    /// <summary>New I/Os, by the moment of their submission, none after the present; empty in the answer.</summary>
    public List<BlockIo> Submissions { get; } = [];

    /// <summary>Answer: what is over by now, in order; the receiver empties it.</summary>
    public List<BlockCompletion> Completions { get; } = [];

    /// <summary>
    /// Answer: requests that began or ended since the last exchange, in order; the receiver empties it. Null if nobody
    /// wants to know.
    /// </summary>
    public List<RequestStep>? Requests { get; set; }

    /// <summary>
    /// Answer: when something else will be over; <see cref="long.MaxValue"/> if nothing is under way.
    /// </summary>
    public long NextEventNs { get; set; } = long.MaxValue;

    /// <summary>Answer: what the device has done so far.</summary>
    public DiskCounts Counts { get; set; }
}
