using Akka.Actor;
using LinuxMem.Actors.Messages;
using LinuxMem.Mm.Block;

namespace LinuxMem.Actors.Files;

/// <summary>The owner of a block device: its queue, its head, its time.</summary>
public sealed class BlockDeviceActor : UntypedActor
{
    private readonly BlockDevice device;

    /// <summary>Around the device, which lives longer than the actor.</summary>
    public BlockDeviceActor(BlockDevice device) => this.device = device;

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        if (message is not BlockExchange exchange)
        {
            Unhandled(message);
            return;
        }

        Answer(device, exchange);
        Sender.Tell(exchange, Self);
    }

    /// <summary>Lets a device work up to the exchange's moment, then gives it the new I/Os.</summary>
    internal static void Answer(BlockDevice device, BlockExchange exchange)
    {
        device.Advance(exchange.NowNs, exchange.Completions);
        foreach (BlockIo io in exchange.Submissions)
            device.Submit(io);
        exchange.Submissions.Clear();
        exchange.NextEventNs = device.NextEventNs;
    }
}
