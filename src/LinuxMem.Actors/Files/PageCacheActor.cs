using Akka.Actor;
using LinuxMem.Actors.Crashes;
using LinuxMem.Actors.Messages;
using LinuxMem.Actors.Wires;

namespace LinuxMem.Actors.Files;

/// <summary>The owner of the page cache: answers the kernel's questions in order.</summary>
public sealed class PageCacheActor : UntypedActor
{
    private readonly PageCacheServer server;
    private readonly CrashPoint? crash;
    private readonly ActorPort? port;

    /// <summary>Around the cache, which lives longer than the actor.</summary>
    public PageCacheActor(PageCacheServer server, CrashPoint? crash, ActorPort? port)
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
        if (message is not PageCacheRequest request)
        {
            if (message is CrashOrder order)
                order.Strike();
            Unhandled(message);
            return;
        }

        crash?.Before();
        server.Answer(request);
        crash?.After();
        ActorPort.Post(port, Sender, request, Self);
    }

    /// <inheritdoc/>
    protected override void PreRestart(Exception reason, object message) =>
        CrashOrder.BeforeRestart(message, Self, Sender, server.Lose);
}
