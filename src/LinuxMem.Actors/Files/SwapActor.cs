using Akka.Actor;
using LinuxMem.Actors.Crashes;
using LinuxMem.Mm.Swap;

namespace LinuxMem.Actors.Files;

/// <summary>The owner of the swap map and the swap cache: answers the kernel's questions in order.</summary>
public sealed class SwapActor : UntypedActor
{
    private readonly SwapServer server;
    private readonly CrashPoint? crash;

    /// <summary>Around map and cache, which live longer than the actor.</summary>
    public SwapActor(SwapServer server, CrashPoint? crash)
    {
        this.server = server;
        this.crash = crash;
    }

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        if (message is not SwapExchange exchange)
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
