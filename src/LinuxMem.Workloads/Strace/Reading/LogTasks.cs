namespace LinuxMem.Workloads.Strace.Reading;

/// <summary>
/// Which task a line belongs to that names none: strace leaves the id out while it follows only one.
/// </summary>
internal sealed class LogTasks
{
    private readonly SortedSet<int> live = [];
    private readonly HashSet<int> announced = [];
    private readonly List<StraceEvent> nameless = [];
    private int first;
    private int alias;

    /// <summary>The task of a line. <paramref name="shown"/> is the id in it, or 0.</summary>
    internal int Of(int shown)
    {
        if (shown == 0)
            return live.Count == 1 && first != 0 ? live.Min : first;
        if (shown == alias)
            return first;
        if (live.Add(shown) && !announced.Contains(shown))
            Meet(shown);
        return shown;
    }

    /// <summary>strace says that it follows another task now.</summary>
    internal void Announce(int tid)
    {
        announced.Add(tid);
        if (live.Count == 0 && first != 0)
            live.Add(first);
        live.Add(tid);
    }

    /// <summary>Keeps an event whose task is not yet known.</summary>
    internal void Track(StraceEvent happened)
    {
        if (happened.Tid == 0)
            nameless.Add(happened);
    }

    /// <summary>A task has ended.</summary>
    internal void End(int tid) => live.Remove(tid);

    /// <summary>The first task told its id by a call: getpid, gettid, set_tid_address.</summary>
    internal void Tell(int tid, long id)
    {
        if (tid == 0 && id is > 0 and < int.MaxValue && !announced.Contains((int)id))
            Name((int)id);
    }

    /// <summary>At the end of the log: names the first task if nothing did.</summary>
    internal void Finish()
    {
        if (nameless.Count > 0)
            Name(first != 0 ? first : live.Count > 0 ? live.Min : 1);
    }

    // An id that nobody announced, while the first task has none yet or has one of its own pid namespace.
    private void Meet(int shown)
    {
        if (nameless.Count == 0)
            return;
        if (first == 0)
        {
            Name(shown);
        }
        else if (shown != first && alias == 0 && announced.Count > 0)
        {
            alias = shown;
            live.Remove(shown);
        }
    }

    private void Name(int id)
    {
        first = id;
        foreach (StraceEvent happened in nameless)
            happened.Tid = id;
        live.Add(id);
    }
}
