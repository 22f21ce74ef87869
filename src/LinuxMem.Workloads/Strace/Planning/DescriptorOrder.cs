using LinuxMem.Abi;
using LinuxMem.Workloads.Strace.Reading;

namespace LinuxMem.Workloads.Strace.Planning;

/// <summary>
/// Finds when calls of tasks that share descriptors took effect. A call that the log splits in two acted at some moment
/// between its two lines; what it answered, and what others answered meanwhile, tells which.
/// </summary>
/// <remarks>
/// Calls act where they end, unless the answer of one that ends is not possible then. In that case a call that has
/// begun and not ended, and whose effect makes it possible, acts just before it; or, if there is none and it changes
/// nothing itself, it acts just before what made it impossible, if it had begun by then. What no order explains stays
/// where it ends, and is a mismatch.
/// </remarks>
internal sealed class DescriptorOrder
{
    private const int ChainMax = 3;
    private const int PendingMax = 64;
    private const int FirstRank = -1_000_000;
    private const ulong CloneFiles = 0x400;
    private readonly Dictionary<int, Table> tables = [];
    private readonly Dictionary<StraceEvent, Moment> moved = [];
    private readonly List<DescriptorUse> scratch = [];
    private int rank;

    private DescriptorOrder()
    {
    }

    /// <summary>
    /// When a call acts: at a line, and among those of that line by rank; a call that ends there has 0.
    /// </summary>
    internal readonly record struct Moment(long Line, int Rank)
    {
        internal bool IsBefore(Moment other) => Line != other.Line ? Line < other.Line : Rank < other.Rank;
    }

    /// <summary>The calls of a log that act at another moment than where they end.</summary>
    internal static IReadOnlyDictionary<StraceEvent, Moment> Find(StraceLog log)
    {
        var order = new DescriptorOrder();
        if (!log.Events.Exists(static e => SharesFiles(e)))
            return order.moved;
        var ends = new List<StraceEvent>(log.Events);
        ends.Sort(static (a, b) => a.EndLine != b.EndLine ? a.EndLine.CompareTo(b.EndLine)
            : a.Line.CompareTo(b.Line));
        int begun = 0;
        foreach (StraceEvent ended in ends)
        {
            for (; begun < log.Events.Count && log.Events[begun].Line <= ended.EndLine; begun++)
                order.Begin(log.Events[begun]);
            order.End(ended);
        }

        return order.moved;
    }

    private static bool SharesFiles(StraceEvent call) => call.Kind == StraceEventKind.Call && CloneCall.IsOne(call)
        && call.IsEnded && call.Result.IsSuccess && ((ulong)CloneCall.FlagsOf(call) & CloneFiles) != 0;

    private Table Of(int tid)
    {
        if (!tables.TryGetValue(tid, out Table? table))
            tables.Add(tid, table = new Table());
        return table;
    }

    private void Begin(StraceEvent call)
    {
        if (call.Kind != StraceEventKind.Call)
            return;
        Table table = Of(call.Tid);
        if (CloneCall.IsOne(call))
        {
            if (!call.IsEnded || !call.Result.IsSuccess)
                return;
            int child = (int)call.Result.Value;
            Leave(child);
            tables[child] = SharesFiles(call) ? table : new Table();
            tables[child].Users++;
            return;
        }

        if (table.Users < 2 || call.Line == call.EndLine || table.Pending.Count >= PendingMax)
            return;
        DescriptorUse.Collect(call, scratch);
        if (scratch.Count > 0)
            table.Pending.Add((call, [.. scratch]));
        call.Forget();
    }

    private void End(StraceEvent ended)
    {
        if (ended.Kind is StraceEventKind.Exited or StraceEventKind.Killed or StraceEventKind.Superseded)
        {
            Leave(ended.Tid);
            return;
        }

        Table table = Of(ended.Tid);
        if (ended.Kind != StraceEventKind.Call || table.Users < 2)
            return;
        if ((SyscallNr)ended.Nr is SyscallNr.Execve or SyscallNr.Execveat or SyscallNr.Unshare)
        {
            if (ended.Result.IsSuccess)
                Leave(ended.Tid);
            return;
        }

        if (ended.Nr == (int)SyscallNr.CloseRange)
        {
            EndRange(table, ended);
            return;
        }

        table.Pending.RemoveAll(p => p.Call == ended);
        if (moved.ContainsKey(ended))
            return;
        DescriptorUse.Collect(ended, scratch);
        DescriptorUse[] uses = [.. scratch];
        ended.Forget();
        rank = 0;
        if (uses.Length > 0)
            Settle(table, ended, uses);
    }

    private void EndRange(Table table, StraceEvent call)
    {
        const ulong unshares = 2, onlyMarks = 4;
        if (!call.Result.IsSuccess || (call[2].Number & onlyMarks) != 0)
            return;
        if ((call[2].Number & unshares) != 0)
            Leave(call.Tid);
        else
            table.CloseRange(call[0].Number, call[1].Number, new Moment(call.EndLine, 0));
    }

    private void Settle(Table table, StraceEvent ended, DescriptorUse[] uses)
    {
        var at = new Moment(ended.EndLine, 0);
        // Where nothing is known of a descriptor, who is about to make it what it is found to be has been faster.
        foreach (DescriptorUse use in uses)
        {
            if (use.Before is not null && !table.States.ContainsKey(use.Fd))
                TryPullFor(table, use, ended.EndLine, 1);
        }

        if (!table.Fits(uses) && !TryPull(table, uses, ended.EndLine, ChainMax) && TryEarlier(table, ended, uses))
            return;
        table.Apply(uses, at);
    }

    // Has calls act that have begun, until the uses are possible.
    private bool TryPull(Table table, DescriptorUse[] uses, long line, int chain)
    {
        foreach (DescriptorUse use in uses)
        {
            if (table.Allows(use))
                continue;
            if (chain == 0 || !TryPullFor(table, use, line, chain))
                return false;
        }

        return table.Fits(uses);
    }

    private bool TryPullFor(Table table, DescriptorUse wanted, long line, int chain)
    {
        foreach ((StraceEvent call, DescriptorUse[] uses) in table.Pending.ToArray())
        {
            bool helps = uses.Any(use => use.Fd == wanted.Fd && use.After == wanted.Before);
            if (!helps || moved.ContainsKey(call) || (!table.Fits(uses) && !TryPull(table, uses, line, chain - 1)))
                continue;
            // Those that had to come before have been given lower ranks.
            rank += 2;
            var at = new Moment(line, FirstRank + rank);
            moved.Add(call, at);
            table.Apply(uses, at);
            return true;
        }

        return false;
    }

    // A call may have looked before the last change, if nobody has looked at what it changes itself since then.
    private bool TryEarlier(Table table, StraceEvent ended, DescriptorUse[] uses)
    {
        Moment? wanted = null;
        foreach (DescriptorUse use in uses)
        {
            if (table.Allows(use))
                continue;
            if (wanted is not null || !table.States.TryGetValue(use.Fd, out Descriptor state)
                || state.Changed.Line <= ended.Line || (state.Before is { } before && before != use.Before))
                return false;
            wanted = state.Changed;
        }

        if (wanted is not { } change)
            return false;
        foreach (DescriptorUse use in uses)
        {
            if (use.After is not null && table.States.TryGetValue(use.Fd, out Descriptor state)
                && !state.LastUse.IsBefore(change))
                return false;
        }

        var at = change with { Rank = change.Rank - 1 };
        moved.Add(ended, at);
        foreach (DescriptorUse use in uses)
        {
            if (use.After is not null)
                table.Apply([use], at);
        }

        return true;
    }

    private void Leave(int tid)
    {
        if (tables.Remove(tid, out Table? table))
            table.Users--;
    }

    /// <summary>A descriptor as it is, how it was before it last changed, and when somebody last looked.</summary>
    private readonly record struct Descriptor(bool IsOpen, bool? Before, Moment Changed, Moment LastUse);

    /// <summary>Descriptors that some tasks share, as far as answers have told of them.</summary>
    private sealed class Table
    {
        internal int Users { get; set; } = 1;

        internal Dictionary<int, Descriptor> States { get; } = [];

        internal List<(StraceEvent Call, DescriptorUse[] Uses)> Pending { get; } = [];

        internal bool Allows(DescriptorUse use) =>
            use.Before is not { } before || !States.TryGetValue(use.Fd, out Descriptor state)
                || state.IsOpen == before;

        internal bool Fits(DescriptorUse[] uses) => Array.TrueForAll(uses, Allows);

        internal void CloseRange(ulong first, ulong last, Moment at)
        {
            foreach (int fd in States.Keys.ToArray())
            {
                if ((ulong)fd >= first && (ulong)fd <= last)
                    Apply([new DescriptorUse(fd, null, false)], at);
            }
        }

        internal void Apply(DescriptorUse[] uses, Moment at)
        {
            foreach (DescriptorUse use in uses)
            {
                bool isKnown = States.TryGetValue(use.Fd, out Descriptor state);
                if (use.After is { } after)
                    States[use.Fd] = new Descriptor(after, isKnown ? state.IsOpen : use.Before, at, at);
                else if (isKnown)
                    States[use.Fd] = state with { LastUse = at };
                else if (use.Before is { } before)
                    States[use.Fd] = new Descriptor(before, null, default, at);
            }
        }
    }
}
