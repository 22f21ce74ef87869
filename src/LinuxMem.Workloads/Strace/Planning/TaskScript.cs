using LinuxMem.Workloads.Strace.Reading;

namespace LinuxMem.Workloads.Strace.Planning;

/// <summary>What one task does, in order: from its start to its end, through every execve.</summary>
internal sealed class TaskScript(int tid)
{
    /// <summary>The task's id where it starts.</summary>
    internal int Tid { get; } = tid;

    /// <summary>Its events, in the order of their effects.</summary>
    internal List<StraceEvent> Events { get; } = [];

    /// <summary>The next event's place in <see cref="Events"/>.</summary>
    internal int Next { get; set; }

    /// <summary>Whether a call of the log makes the task.</summary>
    internal bool HasMaker { get; set; }

    /// <summary>
    /// Whether it may call tasks by other numbers than the log does: it, or one that it comes from, is in a pid
    /// namespace of its own.
    /// </summary>
    internal bool HasOwnNumbers { get; set; }

    /// <summary>Whether what it makes is in a pid namespace of its own (unshare, setns).</summary>
    internal bool ChildrenHaveOwnNumbers { get; set; }

    /// <summary>How many processes of the run had its number before it; -1 if it does not run as a process.</summary>
    internal int Incarnation { get; set; } = -1;

    /// <summary>Whether the log shows the task's end.</summary>
    internal bool HasEnd => Events.Count > 0 && Events[^1].Kind is StraceEventKind.Exited or StraceEventKind.Killed;

    /// <summary>
    /// Whether the event at a place follows the task's last one at once, with nothing of another task between them.
    /// </summary>
    internal bool FollowsAtOnce(int place) => place > 0 && Events[place].Order == Events[place - 1].Order + 1;
}
