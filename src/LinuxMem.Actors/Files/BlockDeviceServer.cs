using LinuxMem.Actors.Messages;
using LinuxMem.Mm.Block;

namespace LinuxMem.Actors.Files;

/// <summary>Answers the kernel's exchanges with a device. Lives longer than the actor around it.</summary>
public sealed class BlockDeviceServer
{
    private readonly BlockDevice device;
    private readonly MessageOrder order = new();
    private long answered;
    private long answers;

    /// <summary>Around a device.</summary>
    public BlockDeviceServer(BlockDevice device) => this.device = device;

    /// <summary>A crash has lost what was under way.</summary>
    public void Lose() => device.Lose();

    /// <summary>
    /// Gives the device the new I/Os and lets it work up to the exchange's moment. An exchange that is answered
    /// already, and comes again because the actor crashed before it sent the answer, is left as it is.
    /// </summary>
    public void Answer(BlockExchange exchange)
    {
        order.Take(exchange.Number);
        exchange.Overtaken = order.Overtaken;
        if (exchange.Number == answered)
            return;
        answered = exchange.Number;
        exchange.AnswerNumber = ++answers;
        device.Requests = exchange.Requests;
        foreach (BlockIo io in exchange.Submissions)
        {
            device.Advance(io.SubmittedNs, exchange.Completions);
            device.Submit(io);
        }

        exchange.Submissions.Clear();
        device.Advance(exchange.NowNs, exchange.Completions);
        exchange.NextEventNs = device.NextEventNs;
        exchange.Counts = device.Stats.Counts;
    }
}
