using LinuxMem.Mm.Block;

namespace LinuxMem.Actors.Messages;

/// <summary>
/// The message between the kernel and a block device, both ways: time goes on to a moment, then new I/Os go in; back
/// come those that were over by then, and when to come again. One object a device, used for the whole run.
/// </summary>
public sealed class BlockExchange
{
    /// <summary>Of a device.</summary>
    /// <param name="device">Its number, from 0.</param>
    public BlockExchange(int device) => Device = device;

    /// <summary>The device's number.</summary>
    public int Device { get; }

    /// <summary>The present.</summary>
    public long NowNs { get; set; }

    /// <summary>New I/Os, submitted at the present, in order; empty in the answer.</summary>
    public List<BlockIo> Submissions { get; } = [];

    /// <summary>Answer: what is over by now, in order; the receiver empties it.</summary>
    public List<BlockCompletion> Completions { get; } = [];

    /// <summary>
    /// Answer: when something else will be over; <see cref="long.MaxValue"/> if nothing is under way.
    /// </summary>
    public long NextEventNs { get; set; } = long.MaxValue;
}
