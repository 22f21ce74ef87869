using LinuxMem.Actors.Crashes;
using LinuxMem.Actors.Messages;
using LinuxMem.Actors.Wires;

namespace LinuxMem.Actors.Files;

/// <summary>The owner of a block device: its queue, its head, its time.</summary>
/// <param name="server">The device, which lives longer than the actor.</param>
/// <param name="crash">Where it crashes as planned.</param>
/// <param name="port">Its side of the wires.</param>
public sealed class BlockDeviceActor(BlockDeviceServer server, CrashPoint? crash, ActorPort? port)
    : ServerActor<BlockExchange>(server.Answer, server.Lose, crash, port);
