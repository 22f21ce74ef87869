using Akka.Actor;
using LinuxMem.Actors.Crashes;
using LinuxMem.Actors.Wires;
using LinuxMem.Mm.Swap;

namespace LinuxMem.Actors.Files;

/// <summary>The owner of the swap map and the swap cache: answers the kernel's questions in order.</summary>
public sealed class SwapActor : UntypedActor
{
    private readonly SwapServer server;
    private readonly CrashPoint? crash;
    private readonly ActorPort? port;

    /// <summary>Around map and cache, which live longer than the actor.</summary>
    public SwapActor(SwapServer server, CrashPoint? crash, ActorPort? port)
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
        if (message is not SwapExchange exchange)
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
        CrashOrder.BeforeRestart(message, Self, Sender);
}
