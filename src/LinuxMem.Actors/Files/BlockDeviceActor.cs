using Akka.Actor;
using LinuxMem.Actors.Crashes;
using LinuxMem.Actors.Messages;

namespace LinuxMem.Actors.Files;

/// <summary>The owner of a block device: its queue, its head, its time.</summary>
public sealed class BlockDeviceActor : UntypedActor
{
    private readonly BlockDeviceServer server;
    private readonly CrashPoint? crash;

    /// <summary>Around the device, which lives longer than the actor.</summary>
    public BlockDeviceActor(BlockDeviceServer server, CrashPoint? crash)
    {
        this.server = server;
        this.crash = crash;
    }

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        if (message is not BlockExchange exchange)
        {
            Unhandled(message);
            return;
        }

        crash?.Before();
        server.Answer(exchange);
        crash?.After();
        Sender.Tell(exchange, Self);
    }

    /// <inheritdoc/>
    protected override void PreRestart(Exception reason, object message) => Self.Tell(message, Sender);
}
