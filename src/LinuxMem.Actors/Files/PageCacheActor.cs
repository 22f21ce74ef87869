using LinuxMem.Actors.Crashes;
using LinuxMem.Actors.Messages;
using LinuxMem.Actors.Wires;

namespace LinuxMem.Actors.Files;

/// <summary>The owner of the page cache: answers the kernel's questions in order.</summary>
/// <param name="server">The cache, which lives longer than the actor.</param>
/// <param name="crash">Where it crashes as planned.</param>
/// <param name="port">Its side of the wires.</param>
public sealed class PageCacheActor(PageCacheServer server, CrashPoint? crash, ActorPort? port)
    : ServerActor<PageCacheRequest>(server.Answer, server.Lose, crash, port);
