using Akka.Actor;

namespace LinuxMem.Actors.Hosting;

/// <summary>
/// A subscriber of the event stream that is called on the publishing thread, with no mailbox in between: it sees every
/// event from the system's first moment to its last, in order, and takes no turn in a schedule.
/// </summary>
internal abstract class EventTap(ExtendedActorSystem system, string name) : MinimalActorRef
{
    /// <inheritdoc/>
    public override ActorPath Path { get; } = new RootActorPath(Address.AllSystems) / "taps" / name;

    /// <inheritdoc/>
    public override IActorRefProvider Provider => system.Provider;

    /// <summary>
    /// Takes an event; several threads may call at once. Must not throw: the publisher is in the middle of something.
    /// </summary>
    protected abstract void On(object published);

    /// <inheritdoc/>
    protected sealed override void TellInternal(object message, IActorRef sender) => On(message);
}
