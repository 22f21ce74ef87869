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

    /// <summary>The kernel does what it has to do by itself while every CPU stands still.</summary>
    KernelStep,

    /// <summary>CPUs come or go; the argument is the index of the scenario's entry.</summary>
    Hotplug,

    /// <summary>A block device has done something; the argument is its number. An alarm.</summary>
    DeviceDone,

    /// <summary>The flusher takes a step. An alarm.</summary>
    FlusherStep,

    /// <summary>ksmd takes a step. An alarm.</summary>
    KsmStep,

    /// <summary>An I/O that was held back reaches its device, or ends. An alarm.</summary>
    LateIo,

    /// <summary>Who waits for other CPUs to answer has done so for too long; the argument is its number.</summary>
    CsdTimeout,

    /// <summary>
    /// Who sleeps for the mmap_lock of an address space may wake; the argument is its number. An alarm.
    /// </summary>
    LockWake,
}

/// <summary>An event: when, in which order of planning, what.</summary>
/// <param name="AtNs">When it is due.</param>
/// <param name="Sequence">Order of planning, which decides between events of one moment.</param>
/// <param name="Kind">What is due.</param>
/// <param name="Argument">On whom; its meaning depends on the kind.</param>
public readonly record struct TimedEvent(long AtNs, long Sequence, EventKind Kind, int Argument);

/// <summary>
/// The events to come, soonest first; those of one moment in the order in which they were planned, alarms before them.
/// </summary>
/// <remarks>
/// An alarm is an event of which there is one at most for its kind and argument, and that may be set anew: what is due
/// does not depend on when it was set.
/// </remarks>
public sealed class EventHeap
{
    private readonly PriorityQueue<TimedEvent, (long AtNs, long Sequence)> queue = new();
    private readonly SortedList<(EventKind Kind, int Argument), long> alarms = [];
    private TimedEvent alarm = NoAlarm;
    private long sequence;

    private static TimedEvent NoAlarm => new(long.MaxValue, -1, default, 0);

    /// <summary>How many events are planned, alarms included.</summary>
    public int Count => queue.Count + alarms.Count;

    /// <summary>When the next event is due; <see cref="long.MaxValue"/> if none is planned.</summary>
    public long NextAtNs => queue.Count == 0 ? alarm.AtNs : Math.Min(alarm.AtNs, queue.Peek().AtNs);

    /// <summary>The next event. Precondition: there is one.</summary>
    public TimedEvent Peek() => IsAlarmNext() ? alarm : queue.Peek();

    /// <summary>Takes the next event. Precondition: there is one.</summary>
    public TimedEvent Pop()
    {
        if (!IsAlarmNext())
            return queue.Dequeue();
        TimedEvent due = alarm;
        SetAlarm(due.Kind, due.Argument, long.MaxValue);
        return due;
    }

    /// <summary>
    /// Sets the alarm of a kind and argument, in place of the one that was set; <see cref="long.MaxValue"/> for none.
    /// </summary>
    public void SetAlarm(EventKind kind, int argument, long atNs)
    {
        if (atNs == long.MaxValue)
            alarms.Remove((kind, argument));
        else
            alarms[(kind, argument)] = atNs;
        alarm = NoAlarm;
        foreach (((EventKind Kind, int Argument) key, long dueNs) in alarms)
        {
            if (dueNs < alarm.AtNs)
                alarm = new TimedEvent(dueNs, -1, key.Kind, key.Argument);
        }
    }

    /// <summary>Plans an event.</summary>
    public void Plan(long atNs, EventKind kind, int argument)
    {
        var planned = new TimedEvent(atNs, sequence++, kind, argument);
        queue.Enqueue(planned, (planned.AtNs, planned.Sequence));
    }

    /// <summary>
    /// Whether nothing is planned but alarms of a kind, and events that have become stale since. O(events), and as a
    /// rule O(1): the first that is neither decides.
    /// </summary>
    public bool HasOnly(EventKind kind, Func<TimedEvent, bool> isStale)
    {
        foreach ((EventKind Kind, int Argument) key in alarms.Keys)
        {
            if (key.Kind != kind)
                return false;
        }

        foreach ((TimedEvent planned, _) in queue.UnorderedItems)
        {
            if (!isStale(planned))
                return false;
        }

        return true;
    }

    private bool IsAlarmNext() =>
        alarm.AtNs != long.MaxValue && (queue.Count == 0 || alarm.AtNs <= queue.Peek().AtNs);
}
