namespace LinuxMem.Simulation.Rounds;

/// <summary>What the kernel does at a moment of virtual time without any CPU asking for it.</summary>
public enum EventKind
{
    /// <summary>A process of the scenario starts; the argument is its index.</summary>
    StartProcess,

    /// <summary>A sleeping task wakes; the argument is its tid.</summary>
    WakeTask,

    /// <summary>
    /// The TLBs have forgotten a batch of frames, which may be freed now; the argument is its number.
    /// </summary>
    GatherDone,
}

/// <summary>An event: when, in which order of planning, what.</summary>
/// <param name="AtNs">When it is due.</param>
/// <param name="Sequence">Order of planning, which decides between events of one moment.</param>
/// <param name="Kind">What is due.</param>
/// <param name="Argument">On whom; its meaning depends on the kind.</param>
public readonly record struct TimedEvent(long AtNs, long Sequence, EventKind Kind, int Argument);

/// <summary>The events to come, soonest first; those of one moment in the order in which they were planned.</summary>
public sealed class EventHeap
{
    private readonly PriorityQueue<TimedEvent, (long AtNs, long Sequence)> queue = new();
    private long sequence;

    /// <summary>How many events are planned.</summary>
    public int Count => queue.Count;

    /// <summary>When the next event is due; <see cref="long.MaxValue"/> if none is planned.</summary>
    public long NextAtNs => queue.Count == 0 ? long.MaxValue : queue.Peek().AtNs;

    /// <summary>The next event. Precondition: there is one.</summary>
    public TimedEvent Peek() => queue.Peek();

    /// <summary>Takes the next event. Precondition: there is one.</summary>
    public TimedEvent Pop() => queue.Dequeue();

    /// <summary>Plans an event.</summary>
    public void Plan(long atNs, EventKind kind, int argument)
    {
        var planned = new TimedEvent(atNs, sequence++, kind, argument);
        queue.Enqueue(planned, (planned.AtNs, planned.Sequence));
    }
}
