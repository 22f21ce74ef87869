using LinuxMem.Actors.Crashes;
using LinuxMem.Actors.Wires;
using LinuxMem.Mm.Swap;

namespace LinuxMem.Actors.Files;

/// <summary>The owner of the swap map and the swap cache: answers the kernel's questions in order.</summary>
/// <param name="server">Map and cache, which live longer than the actor.</param>
/// <param name="crash">Where it crashes as planned.</param>
/// <param name="port">Its side of the wires.</param>
public sealed class SwapActor(SwapServer server, CrashPoint? crash, ActorPort? port)
    : ServerActor<SwapExchange>(server.Answer, null, crash, port);
