using Akka.Actor;
using LinuxMem.Actors.Crashes;
using LinuxMem.Actors.Messages;

namespace LinuxMem.Actors.Files;

/// <summary>The owner of the page cache: answers the kernel's questions in order.</summary>
public sealed class PageCacheActor : UntypedActor
{
    private readonly PageCacheServer server;
    private readonly CrashPoint? crash;

    /// <summary>Around the cache, which lives longer than the actor.</summary>
    public PageCacheActor(PageCacheServer server, CrashPoint? crash)
    {
        this.server = server;
        this.crash = crash;
    }

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        if (message is not PageCacheRequest request)
        {
            Unhandled(message);
            return;
        }

        crash?.Before();
        server.Answer(request);
        crash?.After();
        Sender.Tell(request, Self);
    }

    /// <inheritdoc/>
    protected override void PreRestart(Exception reason, object message) => Self.Tell(message, Sender);
}
