using Akka.Actor;

namespace LinuxMem.Actors.Wires;

/// <summary>
/// An actor's side of the wires: what it sends goes through here, and what it gets. Lives as long as the actor's work,
/// and is used by it alone.
/// </summary>
public sealed class ActorPort
{
    private readonly MachineWires wires;
    private readonly Dictionary<string, WirePair> pairs = [];
    private readonly Dictionary<string, long> taken = [];

    internal ActorPort(MachineWires wires, string name)
    {
        this.wires = wires;
        Name = name;
    }

    /// <summary>The actor's name.</summary>
    public string Name { get; }

    /// <summary>Messages that reached the actor, without copies of those it had.</summary>
    public long Delivered { get; private set; }

    /// <summary>Copies of what the actor had already, which it left alone.</summary>
    public long CopiesLeft { get; private set; }

    internal IEnumerable<WirePair> Pairs => pairs.Values;

    /// <summary>Sends a message.</summary>
    public void Send(IActorRef target, object message, IActorRef sender)
    {
        string to = target.Path.Name;
        if (!pairs.TryGetValue(to, out WirePair? pair))
            pairs.Add(to, pair = wires.Connect(Name, to));
        WireFate fate = pair.Send(out WireFate copy);
        if (fate == WireFate.Lost)
        {
            wires.NoteLoss(pair);
            return;
        }

        var envelope = new WireEnvelope(wires, pair.Name, pair.Sent, message, IsCopy: false);
        Pass(fate, envelope, target, sender);
        // Behind it: one actor's messages to another come in the order in which they were sent.
        if (copy != WireFate.Lost)
            Pass(fate == WireFate.Held ? fate : copy, envelope with { IsCopy = true }, target, sender);
    }

    /// <summary>Sends a message, through the port of an actor if it has one.</summary>
    public static void Post(ActorPort? port, IActorRef target, object message, IActorRef sender)
    {
        if (port is null)
            target.Tell(message, sender);
        else
            port.Send(target, message, sender);
    }

    /// <summary>
    /// Takes what has come out of its envelope, if it is in one; false if it is a copy of what the actor has had, and
    /// nothing is to be done.
    /// </summary>
    public static bool Take(ActorPort? port, ref object message)
    {
        if (port is null || message is not WireEnvelope envelope)
            return true;
        object? inside = port.Open(envelope);
        message = inside ?? message;
        return inside is not null;
    }

    private object? Open(WireEnvelope envelope)
    {
        long last = taken.GetValueOrDefault(envelope.Pair);
        if (envelope.Number <= last)
        {
            CopiesLeft++;
            return null;
        }

        taken[envelope.Pair] = envelope.Number;
        Delivered++;
        return envelope.Message;
    }

    private void Pass(WireFate fate, WireEnvelope envelope, IActorRef target, IActorRef sender)
    {
        if (fate == WireFate.Held)
            wires.Hold(envelope, target, sender);
        else
            target.Tell(envelope, sender);
    }
}
