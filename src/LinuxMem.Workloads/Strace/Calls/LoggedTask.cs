using LinuxMem.Workloads.Strace.Names;
using LinuxMem.Workloads.Strace.Planning;
using LinuxMem.Workloads.Strace.Reading;

namespace LinuxMem.Workloads.Strace.Calls;

/// <summary>An address space of the log: tasks that share one have the same object.</summary>
internal sealed class LoggedSpace
{
    /// <summary>Whether more than one task has run in it.</summary>
    internal bool IsShared { get; set; }
}

/// <summary>What is known of a task while it is replayed; goes on through execve.</summary>
internal sealed class LoggedTask
{
    internal required TaskScript Script { get; init; }

    /// <summary>The process's id: that of its first thread.</summary>
    internal int Pid { get; set; }

    /// <summary>How many processes of the run had that id before it.</summary>
    internal int Incarnation { get; set; }

    internal LoggedSpace Space { get; set; } = new();

    internal Descriptors Files { get; set; } = new();

    /// <summary>Whether another task may have the same descriptors.</summary>
    internal bool SharesFiles { get; private set; }

    /// <summary>Where it is in the file system.</summary>
    internal LoggedPlace Fs { get; private init; } = new();

    /// <summary>The working directory, as far as the log tells.</summary>
    internal string Directory => Fs.Directory;

    /// <summary>Whether it runs as root with all capabilities, so that no mode of a file stops it.</summary>
    internal bool IsRoot { get; set; } = true;

    /// <summary>The event that was asked of the kernel and is not answered yet; null for none.</summary>
    internal StraceEvent? InCall { get; set; }

    /// <summary>Whether a signal comes at the end of the call that is being planned.</summary>
    internal bool SignalFollows =>
        Script.Next < Script.Events.Count && Script.Events[Script.Next].Kind == StraceEventKind.Signal;

    /// <summary>Whether its last call was one of another ABI, which this kernel does not have.</summary>
    internal bool IsInOtherAbi { get; set; }

    /// <summary>
    /// Faults at the last look at them, by the log and by the simulator; null before the first. A child has none at its
    /// start.
    /// </summary>
    internal ((long Minor, long Major) Logged, (long Minor, long Major) Simulated)? LastUsage { get; set; }

    /// <summary>Whether it may be in namespaces of users or pids that the log made.</summary>
    internal bool HasNamespaces { get; set; }

    /// <summary>Whether the log has told the task's personality.</summary>
    internal bool KnowsPersonality { get; set; }

    /// <summary>The log's numbers of the tasks that it made, by those that it has for them.</summary>
    internal SortedDictionary<int, int> NumbersOfChildren { get; } = [];

    /// <summary>The log's number for what the task calls by a number.</summary>
    internal int NumberOf(int own) => NumbersOfChildren.GetValueOrDefault(own, own);

    internal IArgumentGuide? Guide { get; set; }

    /// <summary>The code that the task said it ends with.</summary>
    internal int ExitCode { get; set; }

    /// <summary>The child that fork makes, or the thread.</summary>
    internal LoggedTask Child(TaskScript script, bool isThread, bool sharesSpace, bool sharesFiles, bool sharesPlace)
    {
        if (sharesSpace)
            Space.IsShared = true;
        SharesFiles |= sharesFiles;
        return new LoggedTask
        {
            Script = script,
            Pid = isThread ? Pid : script.Tid,
            Incarnation = Incarnation,
            Space = sharesSpace ? Space : new LoggedSpace(),
            Files = sharesFiles ? Files : Files.Copy(),
            SharesFiles = sharesFiles,
            Fs = sharesPlace ? Fs : Fs.Copy(),
            IsRoot = IsRoot,
            KnowsPersonality = KnowsPersonality,
            HasNamespaces = HasNamespaces,
            LastUsage = isThread ? LastUsage : default(((long, long), (long, long))),
        };
    }

    /// <summary>execve has succeeded.</summary>
    internal void Executed(int pid)
    {
        Pid = pid;
        Space = new LoggedSpace();
        Files = Files.AfterExec();
        SharesFiles = false;
    }
}
