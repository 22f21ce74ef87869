using System.Globalization;
using LinuxMem.Abi;
using LinuxMem.Simulation.Results;
using LinuxMem.Workloads.Mmfuzz;
using LinuxMem.Workloads.Strace.Calls;
using LinuxMem.Workloads.Strace.Layouts;
using LinuxMem.Workloads.Strace.Names;
using LinuxMem.Workloads.Strace.Planning;
using LinuxMem.Workloads.Strace.Reading;

namespace LinuxMem.Workloads.Strace;

/// <summary>What the tasks of a replay share.</summary>
internal sealed class ReplayState(StraceLog log, ScriptPlanner plan, StraceOptions options, LayoutSource layouts)
{
    private readonly Dictionary<int, LoggedTask> running = [];
    private readonly List<LoggedTask> tasks = [];
    private readonly Dictionary<string, bool> sized = new(StringComparer.Ordinal);

    internal StraceLog Log { get; } = log;

    internal ScriptPlanner Scripts { get; } = plan;

    internal StraceOptions Options { get; } = options;

    internal LayoutSource Layouts { get; } = layouts;

    /// <summary>Where programs without a fixed place begin that are not moved at random.</summary>
    internal ulong ProgramBase { get; } = Strace.Layouts.ProgramBase.Find(log);

    internal CheckReport Report { get; } = new();

    /// <summary>Models of programs whose calls do not show all of their arguments.</summary>
    internal List<IGuideSource> Guides { get; } = [new MmfuzzGuides()];

    /// <summary>Whether a mismatch has ended the replay.</summary>
    internal bool IsStopped { get; set; }

    /// <summary>How processes end by the log, in the order of the log.</summary>
    private readonly SortedDictionary<(int Pid, int Incarnation), StraceEvent> ends = [];
    private readonly Dictionary<int, int> incarnations = [];
    private int unseen = FirstUnseen;

    // Above every number that Linux gives (PID_MAX_LIMIT).
    private const int FirstUnseen = 1 << 22;

    /// <summary>Files that the machine knows all of, by their paths.</summary>
    internal HashSet<string> KnownPaths { get; } = new(StringComparer.Ordinal);

    /// <summary>Those of them that may have been there before: how long they were then, nobody has told.</summary>
    internal HashSet<string> GuessedPaths { get; } = new(StringComparer.Ordinal);

    /// <summary>Files that the log maps: what is stored to them, no log shows.</summary>
    internal HashSet<string> MappedPaths { get; } = new(StringComparer.Ordinal);

    /// <summary>What the log has told of names.</summary>
    internal LoggedNames Names { get; } = new();

    /// <summary>What the log has told of shared memory.</summary>
    internal LoggedSegments Segments { get; } = new();

    /// <summary>What the log mounts.</summary>
    internal LoggedMounts Mounts { get; } = new();

    /// <summary>A task begins to run its script.</summary>
    internal void Begin(LoggedTask task)
    {
        running[task.Script.Tid] = task;
        tasks.Add(task);
        if (task.Pid != task.Script.Tid)
            return;
        int before = incarnations.GetValueOrDefault(task.Pid);
        incarnations[task.Pid] = before + 1;
        task.Incarnation = task.Script.Incarnation = before;
    }

    /// <summary>Whether the first task of a thread's process has lines to come, so that it ends later.</summary>
    internal bool HasFirstTask(LoggedTask thread) => running.TryGetValue(thread.Pid, out LoggedTask? first)
        && first != thread && first.Pid == thread.Pid && first.Script.Next < first.Script.Events.Count;

    /// <summary>A number for a task that no line of the log is of.</summary>
    internal int NumberOfUnseen() => ++unseen;

    /// <summary>
    /// Whether the log told how long a file from outside is when it was first opened: the machine's is of that length.
    /// </summary>
    internal bool IsSized(string path, DescriptorKind kind, ExternalFile? file)
    {
        if (kind != DescriptorKind.Outside || file is not { Kind: ExternalKind.Regular, OnHugetlbfs: false })
            return false;
        if (!sized.TryGetValue(path, out bool known))
            sized.Add(path, known = file.SizeBytes != FileFacts.UnknownBytes);
        return known;
    }

    /// <summary>A file was made; <paramref name="isGuess"/>: or it was there before.</summary>
    internal void Made(string path, bool isGuess)
    {
        KnownPaths.Add(path);
        if (isGuess)
            GuessedPaths.Add(path);
        else
            GuessedPaths.Remove(path);
    }

    /// <summary>A file that the machine knows has another name; <paramref name="isCopy"/>: one more.</summary>
    internal void MadeAs(string from, string to, bool isCopy)
    {
        KnownPaths.Remove(to);
        bool isGuess = isCopy ? GuessedPaths.Contains(from) : GuessedPaths.Remove(from);
        bool isKnown = isCopy ? KnownPaths.Contains(from) : KnownPaths.Remove(from);
        if (isKnown)
            Made(to, isGuess);
    }

    /// <summary>A directory has another name: tasks that are in it or have it open go along.</summary>
    internal void Renamed(string from, string to)
    {
        foreach (LoggedTask task in tasks)
        {
            task.Fs.Directory = LoggedNames.Moved(task.Fs.Directory, from, to);
            task.Files.Rename(from, to);
        }

        foreach (string path in KnownPaths.Where(p => p.StartsWith(from + "/", StringComparison.Ordinal)).ToList())
        {
            KnownPaths.Remove(path);
            KnownPaths.Add(LoggedNames.Moved(path, from, to));
        }
    }

    /// <summary>Tells the user something about an event.</summary>
    internal void Warn(StraceEvent happened, string what) => Log.Counts.Warn(
        string.Create(CultureInfo.InvariantCulture, $"line {happened.EndLine}: {what}"));

    /// <summary>
    /// Keeps how a task ends, to be compared when the run is over; the end of the first task is that of the process.
    /// </summary>
    internal void Expect(StraceEvent end, LoggedTask task)
    {
        if (end.Tid == task.Pid && Options.Check != CheckLevel.None)
            ends[(task.Pid, task.Incarnation)] = end;
        else
            Report.Skip("the end of a thread, or of a process whose end is not compared");
    }

    /// <summary>Compares how processes ended, and counts what was not reached.</summary>
    internal void Close(RunResult result)
    {
        foreach (TaskScript script in Scripts.Scripts)
        {
            for (; script.Next < script.Events.Count; script.Next++)
                CountUnreached(script.Events[script.Next], script);
        }

        foreach (LoggedTask task in tasks)
        {
            if (task.InCall is not null)
                Report.PassOver("the task ended in the call");
        }

        var met = new Dictionary<int, int>();
        foreach (ProcessResult process in result.Processes)
        {
            int before = met.GetValueOrDefault(process.Pid);
            met[process.Pid] = before + 1;
            if (ends.Remove((process.Pid, before), out StraceEvent? end))
                JudgeEnd(end, process.Fate);
        }

        foreach (StraceEvent _ in ends.Values)
            Report.PassOver("a process that the machine does not have");
        Report.Calls = Log.Events.Count;
        Report.Check();
    }

    private void CountUnreached(StraceEvent left, TaskScript script)
    {
        bool isEnd = left.Kind is StraceEventKind.Exited or StraceEventKind.Killed;
        if (IsStopped)
            Report.PassOver("not reached: the replay stopped at a mismatch");
        else if (isEnd && left.Tid == script.Tid && Options.Check != CheckLevel.None && script.Incarnation >= 0
            && ends.TryAdd((left.Tid, script.Incarnation), left))
            return;
        else if (script.HasEnd && left.IsEnded && left.Kind == StraceEventKind.Call && left.Result.IsKnown)
            Report.PassOver("not reached: the simulated task ended earlier");
        else
            Report.Skip("the task's process has ended");
    }

    private void JudgeEnd(StraceEvent end, string fate)
    {
        string expected = end.Kind == StraceEventKind.Killed
            ? "killed " + end.Name
            : "exited " + System.Text.Encoding.ASCII.GetString(end.ArgumentText.Span);
        string actual = fate.StartsWith("killed ", StringComparison.Ordinal) && fate.IndexOf(" (",
            StringComparison.Ordinal) is var brace and > 0 ? fate[..brace] : fate;
        if (string.Equals(actual, expected, StringComparison.OrdinalIgnoreCase))
            Report.Match();
        else
            Report.MismatchAt(new Mismatch(end.EndLine, "the end of process " + end.Tid, expected, fate, [], []));
    }

    /// <summary>
    /// Whether another task was in a call that changes mappings of the same address space while this call ran.
    /// </summary>
    internal bool Overlaps(StraceEvent call, LoggedTask task)
    {
        if (!task.Space.IsShared)
            return false;
        List<StraceEvent> events = Log.Events;
        int first = FirstNotBefore(events, call.Line);
        // Calls that began earlier and still ran: a call lasts no longer than its task's next line, so few are open.
        for (int i = first - 1, seen = 0; i >= 0 && seen < 4096; i--, seen++)
        {
            if (events[i].EndLine > call.Line && Competes(events[i], call, task))
                return true;
        }

        for (int i = first; i < events.Count && events[i].Line <= call.EndLine; i++)
        {
            if (Competes(events[i], call, task))
                return true;
        }

        return false;
    }

    /// <summary>Whether another task was in a call that changes files while this call ran.</summary>
    internal bool ChangesFilesBeside(StraceEvent call) => IsBeside(call, other => other.Tid != call.Tid
        && other.Kind == StraceEventKind.Call && FileCalls.Changes((LinuxMem.Abi.SyscallNr)other.Nr));

    /// <summary>
    /// Whether another task with the same descriptors was in an open while this call ran: it has its number already.
    /// </summary>
    internal bool OpensBeside(StraceEvent call, LoggedTask task) => IsBeside(call, other => other.Tid != call.Tid
        && other.Kind == StraceEventKind.Call && OpenCalls.Is((LinuxMem.Abi.SyscallNr)other.Nr)
        && running.TryGetValue(other.Tid, out LoggedTask? owner) && owner.Files == task.Files);

    private bool IsBeside(StraceEvent call, Func<StraceEvent, bool> matches)
    {
        List<StraceEvent> events = Log.Events;
        int first = FirstNotBefore(events, call.Line);
        for (int i = first - 1, seen = 0; i >= 0 && seen < 4096; i--, seen++)
        {
            if (events[i].EndLine > call.Line && matches(events[i]))
                return true;
        }

        for (int i = first; i < events.Count && events[i].Line <= call.EndLine; i++)
        {
            if (matches(events[i]))
                return true;
        }

        return false;
    }

    private bool Competes(StraceEvent other, StraceEvent call, LoggedTask task) =>
        other.Tid != call.Tid && other.Kind == StraceEventKind.Call && other.Nr >= 0
            && (MemoryCalls.ChangesMappings((LinuxMem.Abi.SyscallNr)other.Nr) || CloneCall.IsOne(other))
            && running.TryGetValue(other.Tid, out LoggedTask? owner) && owner.Space == task.Space;

    private static int FirstNotBefore(List<StraceEvent> events, long line)
    {
        int low = 0;
        int high = events.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (events[middle].Line < line)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }
}
