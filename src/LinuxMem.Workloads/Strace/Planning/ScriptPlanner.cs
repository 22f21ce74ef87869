using LinuxMem.Abi;
using LinuxMem.Workloads.Strace.Reading;

namespace LinuxMem.Workloads.Strace.Planning;

/// <summary>
/// Puts the events of a log in the order of their effects and deals them out to tasks. Task ids can be used again.
/// </summary>
/// <remarks>
/// A split call takes effect where it is resumed; fork and its kin where they begin, since the child's lines may come
/// before the parent's result; execve of a vfork child too, since the parent goes on before it returns.
/// </remarks>
internal sealed class ScriptPlanner
{
    private readonly Dictionary<int, List<TaskScript>> byTid = [];
    private readonly Dictionary<int, TaskScript> open = [];
    private readonly HashSet<int> borrowers = [];
    private readonly Dictionary<int, TaskScript> children = [];
    private readonly List<TaskScript> owners = [];
    private readonly Dictionary<StraceEvent, TaskScript> heirs = [];

    private ScriptPlanner()
    {
    }

    /// <summary>Every script, in the order of first events.</summary>
    internal List<TaskScript> Scripts { get; } = [];

    /// <summary>Plans a log.</summary>
    internal static ScriptPlanner Plan(StraceLog log)
    {
        var planner = new ScriptPlanner();
        planner.MarkBorrowers(log);
        var moved = DescriptorOrder.Find(log);
        var ordered = new List<(long Line, int Rank, StraceEvent Event)>(log.Events.Count);
        foreach (StraceEvent happened in log.Events)
        {
            if (moved.TryGetValue(happened, out DescriptorOrder.Moment at))
                ordered.Add((at.Line, at.Rank, happened));
            else
                ordered.Add((planner.EffectLine(happened), 0, happened));
        }

        ordered.Sort(static (a, b) => a.Line != b.Line ? a.Line.CompareTo(b.Line) : a.Rank.CompareTo(b.Rank));
        for (int i = 0; i < ordered.Count; i++)
        {
            ordered[i].Event.Order = i;
            planner.Deal(ordered[i].Event);
        }

        planner.Match(ordered);
        return planner;
    }

    /// <summary>The scripts of tasks that no other one makes in the log.</summary>
    internal List<TaskScript> Roots()
    {
        var roots = new List<TaskScript>();
        foreach (TaskScript script in Scripts)
        {
            if (!script.HasMaker)
                roots.Add(script);
        }

        return roots;
    }

    /// <summary>Whether a task is the first one of its number.</summary>
    internal bool IsFirstOf(TaskScript script) => byTid[script.Tid][0] == script;

    /// <summary>Whether the log has lines of a task of that number.</summary>
    internal bool Knows(int tid) => byTid.ContainsKey(tid);

    /// <summary>
    /// The script of the task that a call makes, by the call's place in the order; null if the log has no line of it.
    /// </summary>
    internal TaskScript? ChildOf(int maker) => children.GetValueOrDefault(maker);

    private void Match(List<(long Line, int Rank, StraceEvent Event)> ordered)
    {
        foreach ((_, _, StraceEvent call) in ordered)
        {
            if (call.Kind != StraceEventKind.Call || !CloneCall.IsOne(call) && !CloneCall.MovesNamespaces(call)
                || !call.Result.IsSuccess)
                continue;
            TaskScript maker = owners[call.Order];
            bool apart = CloneCall.MakesPidNamespace(call);
            if (!CloneCall.IsOne(call))
            {
                maker.ChildrenHaveOwnNumbers |= apart;
                continue;
            }

            TaskScript? child = maker.HasOwnNumbers ? NextUnmade(call)
                : byTid.GetValueOrDefault((int)call.Result.Value)?.Find(script => IsUnmade(script, call));
            if (child is null)
                continue;
            child.HasMaker = true;
            child.HasOwnNumbers = maker.HasOwnNumbers || maker.ChildrenHaveOwnNumbers || apart;
            children.Add(call.Order, child);
        }
    }

    // A number that is used again is that of the first task of it that nobody has made yet.
    private static bool IsUnmade(TaskScript script, StraceEvent call) =>
        !script.HasMaker && script.Events[0].Order > call.Order;

    // Whose number the maker does not know is the one that shows up next.
    private TaskScript? NextUnmade(StraceEvent call)
    {
        TaskScript? next = null;
        foreach (TaskScript script in Scripts)
        {
            if (IsUnmade(script, call) && (next is null || script.Events[0].Order < next.Events[0].Order))
                next = script;
        }

        return next;
    }

    // Ids of children that vfork made, while they have not executed anything.
    private void MarkBorrowers(StraceLog log)
    {
        foreach (StraceEvent call in log.Events)
        {
            if (call.Kind == StraceEventKind.Call && call.IsEnded && CloneCall.IsVfork(call)
                && call.Result.IsSuccess)
                borrowers.Add((int)call.Result.Value);
        }
    }

    private long EffectLine(StraceEvent happened)
    {
        if (happened.Kind != StraceEventKind.Call || happened.Line == happened.EndLine)
            return happened.Line;
        // A wait that found nothing looked before what the log shows of children while it lasted.
        // So did a signal that was sent; whom it was for may have ended before its sender went on.
        bool sends = (SyscallNr)happened.Nr is SyscallNr.Kill or SyscallNr.Tkill or SyscallNr.Tgkill
            && happened.Result.IsSuccess;
        bool early = sends || CloneCall.IsOne(happened) || (happened.Nr == (int)SyscallNr.Wait4 && happened.Result is
        { IsSuccess: true, Value: 0 })
            || (happened.Nr is (int)SyscallNr.Execve or (int)SyscallNr.Execveat && borrowers.Contains(happened.Tid));
        return early ? happened.Line : happened.EndLine;
    }

    private void Deal(StraceEvent happened)
    {
        if (!heirs.Remove(happened, out TaskScript? script) && !open.TryGetValue(happened.Tid, out script))
        {
            script = new TaskScript(happened.Tid);
            open.Add(happened.Tid, script);
            Scripts.Add(script);
            if (!byTid.TryGetValue(happened.Tid, out var scripts))
                byTid.Add(happened.Tid, scripts = []);
            scripts.Add(script);
        }

        script.Events.Add(happened);
        owners.Add(script);
        if (happened.Kind is StraceEventKind.Exited or StraceEventKind.Killed or StraceEventKind.Superseded)
            open.Remove(happened.Tid);
        // The thread that executes takes the leader's id over, and with it the leader's lines.
        if (happened.Successor is { } exec && open.Remove(exec.Tid, out TaskScript? heir))
        {
            open[happened.Tid] = heir;
            if (exec.Order < 0)
                heirs.Add(exec, heir);
        }
    }
}
