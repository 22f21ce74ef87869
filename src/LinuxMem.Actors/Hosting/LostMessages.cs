using Akka.Actor;
using Akka.Dispatch.SysMsg;
using Akka.Event;
using LinuxMem.Actors.Wires;
using LinuxMem.Simulation;

namespace LinuxMem.Actors.Hosting;

/// <summary>
/// Fails the run when a message reaches nobody, or an actor that does not know it: every message of the machine is
/// waited for by someone, so losing one means that some round never ends.
/// </summary>
internal sealed class LostMessages : EventTap
{
    private readonly Action<Exception> fail;

    /// <summary>Watches the system from now on, and reports to the given sink.</summary>
    public LostMessages(ExtendedActorSystem system, Action<Exception> fail)
        : base(system, "lost-messages")
    {
        this.fail = fail;
        system.EventStream.Subscribe(this, typeof(DeadLetter));
        system.EventStream.Subscribe(this, typeof(UnhandledMessage));
    }

    /// <inheritdoc/>
    protected override void On(object published)
    {
        switch (published)
        {
            // Akka's own letters to an actor that just ended (stop, death watch) are part of its ending.
            case DeadLetter { Message: ISystemMessage or IAutoReceivedMessage }:
                break;
            case DeadLetter { Message: WireEnvelope { IsCopy: true } copy }:
                copy.Wires.CopyIsDead();
                break;
            case DeadLetter letter:
                fail(new KernelBug($"message lost: {letter.Message} to {letter.Recipient.Path} reached no actor"));
                break;
            case UnhandledMessage letter:
                fail(new KernelBug($"message lost: {letter.Recipient.Path} does not handle {letter.Message}"));
                break;
        }
    }
}
