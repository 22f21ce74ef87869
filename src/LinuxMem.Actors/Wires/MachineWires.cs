using Akka.Actor;
using LinuxMem.Simulation;
using LinuxMem.Simulation.Faults;
using LinuxMem.Simulation.Settings;

namespace LinuxMem.Actors.Wires;

/// <summary>
/// The wires between the actors of one machine, where messages are lost, doubled or late. They lie below virtual time:
/// when nothing else is left to do, what was held back arrives, and then what was not answered is asked again.
/// </summary>
/// <remarks>
/// Every request of the machine has a number and is waited for, and who gets one that it has answered sends the answer
/// again (I49); so what comes of a run is the same as without. Any thread.
/// </remarks>
public sealed class MachineWires
{
    private readonly FaultInjector rules;
    private readonly bool resends;
    private readonly Lock gate = new();
    private readonly List<ActorPort> ports = [];
    private readonly SortedDictionary<(string Pair, long Number, int Order), Letter> held = [];
    private readonly HashSet<string> losses = new(StringComparer.Ordinal);
    private int order;
    private long deadCopies;

    private MachineWires(FaultInjector rules)
    {
        this.rules = rules;
        resends = rules.RuleOf(FaultPoint.MessageLoss).Value("resend") == "Y";
    }

    /// <summary>Those of a scenario; null if its messages are as Akka delivers them.</summary>
    public static MachineWires? Of(Scenario scenario)
    {
        bool isOn = scenario.Faults.Rules.Any(rule => rule.Attr.Probability > 0 && (rule.Point == FaultPoint.MessageLoss
            || rule.Point == FaultPoint.MessageTwice || rule.Point == FaultPoint.MessageLate));
        return isOn ? new MachineWires(new FaultInjector(scenario.Faults, scenario.Seed)) : null;
    }

    /// <summary>The port of an actor.</summary>
    public ActorPort For(string actor)
    {
        var port = new ActorPort(this, actor);
        lock (gate)
            ports.Add(port);
        return port;
    }

    /// <summary>Who waits for answers.</summary>
    public IActorRef Kernel { get; set; } = ActorRefs.Nobody;

    /// <summary>A copy came to an actor that has ended; it was of something that had come before.</summary>
    public void CopyIsDead() => Interlocked.Increment(ref deadCopies);

    /// <summary>
    /// Nothing is left to do: has something done; false if nothing helps. Precondition: no actor runs.
    /// </summary>
    public bool StandsStill()
    {
        if (held.Count > 0)
        {
            // The last first: pairs overtake each other, the messages of one do not.
            Letter[] letters = [.. held.Values.Reverse().GroupBy(letter => letter.Envelope.Pair)
                .SelectMany(pair => pair.Reverse())];
            held.Clear();
            foreach (Letter letter in letters)
                letter.Target.Tell(letter.Envelope, letter.Sender);
            return true;
        }

        if (losses.Count == 0)
            return false;
        string lost = string.Join(", ", losses.Order(StringComparer.Ordinal));
        losses.Clear();
        Kernel.Tell(resends ? new AskAgain() : new NobodyAnswers($"a message was lost on its way {lost}"),
            ActorRefs.NoSender);
        return true;
    }

    /// <summary>
    /// What was injected, by pair. Precondition: the run has ended, so that every message has arrived that will.
    /// </summary>
    /// <exception cref="KernelBug">Messages sent are not those that arrived, were lost or are held (I45).</exception>
    public IReadOnlyList<WireCount> Counts()
    {
        long sent = 0, lost = 0, copies = 0, delivered = 0, left = 0;
        var counts = new List<WireCount>();
        foreach (ActorPort port in ports)
        {
            delivered += port.Delivered;
            left += port.CopiesLeft;
            foreach (WirePair pair in port.Pairs)
            {
                sent += pair.Sent;
                lost += pair.Lost;
                copies += pair.Copies;
                counts.Add(new WireCount(pair.Name, pair.Sent, pair.Lost, pair.Copies, pair.Held));
            }
        }

        left += Interlocked.Read(ref deadCopies);
        KernelBug.Assert(sent + copies == delivered + left + lost + held.Count,
            $"I45 violated: {sent} messages and {copies} copies were sent; {delivered} and {left} arrived, {lost} were "
            + $"lost, {held.Count} are held");
        return [.. counts.OrderBy(count => count.Pair, StringComparer.Ordinal)];
    }

    internal WirePair Connect(string from, string to) => new($"{from}>{to}", rules);

    internal void NoteLoss(WirePair pair)
    {
        lock (gate)
            losses.Add(pair.Name);
    }

    internal void Hold(WireEnvelope envelope, IActorRef target, IActorRef sender)
    {
        lock (gate)
            held.Add((envelope.Pair, envelope.Number, ++order), new Letter(envelope, target, sender));
    }

    private sealed record Letter(WireEnvelope Envelope, IActorRef Target, IActorRef Sender);
}
