using Akka.Actor;
using LinuxMem.Actors.Crashes;
using LinuxMem.Actors.Wires;

namespace LinuxMem.Actors.Files;

/// <summary>The shell around what answers the kernel's questions, in the order in which they come.</summary>
/// <typeparam name="TExchange">Question and answer in one object, which goes back to whom it came from.</typeparam>
/// <param name="answer">What does the work; it lives longer than the actor.</param>
/// <param name="lose">What a crash loses, if it loses anything.</param>
/// <param name="crash">Where it crashes as planned.</param>
/// <param name="port">Its side of the wires, where messages may be lost or late.</param>
public abstract class ServerActor<TExchange>(Action<TExchange> answer, Action? lose, CrashPoint? crash, ActorPort? port)
    : UntypedActor
    where TExchange : class
{
    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        if (!ActorPort.Take(port, ref message))
            return;
        if (message is not TExchange exchange)
        {
            if (message is CrashOrder order)
                order.Strike();
            Unhandled(message);
            return;
        }

        crash?.Before();
        answer(exchange);
        crash?.After();
        ActorPort.Post(port, Sender, exchange, Self);
    }

    /// <inheritdoc/>
    protected override void PreRestart(Exception reason, object message) =>
        CrashOrder.BeforeRestart(message, Self, Sender, lose);
}
