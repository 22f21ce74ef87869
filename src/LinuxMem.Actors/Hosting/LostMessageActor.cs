using Akka.Actor;
using Akka.Dispatch.SysMsg;
using Akka.Event;
using LinuxMem.Simulation;

namespace LinuxMem.Actors.Hosting;

/// <summary>
/// Fails the run when a message reaches nobody, or an actor that does not know it: every message of the machine is waited for by
/// someone, so losing one means that some round never ends.
/// </summary>
internal sealed class LostMessageActor : UntypedActor
{
    private readonly Action<Exception> fail;

    /// <summary>Reports to the given sink.</summary>
    public LostMessageActor(Action<Exception> fail) => this.fail = fail;

    /// <inheritdoc/>
    protected override void PreStart()
    {
        Context.System.EventStream.Subscribe(Self, typeof(DeadLetter));
        Context.System.EventStream.Subscribe(Self, typeof(UnhandledMessage));
    }

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        switch (message)
        {
            // Akka's own letters to an actor that just ended (stop, death watch) are part of its ending.
            case DeadLetter { Message: ISystemMessage or IAutoReceivedMessage }:
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
