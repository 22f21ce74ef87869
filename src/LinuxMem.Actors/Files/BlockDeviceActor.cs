using Akka.Actor;
using LinuxMem.Actors.Crashes;
using LinuxMem.Actors.Messages;
using LinuxMem.Actors.Wires;

namespace LinuxMem.Actors.Files;

/// <summary>The owner of a block device: its queue, its head, its time.</summary>
public sealed class BlockDeviceActor : UntypedActor
{
    private readonly BlockDeviceServer server;
    private readonly CrashPoint? crash;
    private readonly ActorPort? port;

    /// <summary>Around the device, which lives longer than the actor.</summary>
    public BlockDeviceActor(BlockDeviceServer server, CrashPoint? crash, ActorPort? port)
    {
        this.port = port;
        this.server = server;
        this.crash = crash;
    }

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        if (!ActorPort.Take(port, ref message))
            return;
        if (message is not BlockExchange exchange)
        {
            if (message is CrashOrder order)
                order.Strike();
            Unhandled(message);
            return;
        }

        crash?.Before();
        server.Answer(exchange);
        crash?.After();
        ActorPort.Post(port, Sender, exchange, Self);
    }

    /// <inheritdoc/>
    protected override void PreRestart(Exception reason, object message) =>
        CrashOrder.BeforeRestart(message, Self, Sender, server.Lose);
}
